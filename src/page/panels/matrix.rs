//! The compatibility matrix and, under it, the verdict.

use leptos::prelude::*;

use super::controls::{Menu, Title};
use super::save_menu::{Save, SaveMenu};
use super::term::{term, termed};
use super::verdict::Verdict;
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::format;
use crate::view::instruments::grid_drawing::DEEPEST;
use crate::view::instruments::matrix::{Classes, MatrixCell, MatrixRow, MatrixTable, Metric, table_csv};
use crate::view::terms::Term;
use crate::view::upgrade::{Role, Upgrade};

/// The first instrument.
#[component]
pub fn MatrixPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let metric = RwSignal::new(Metric::Map);
    let classes = RwSignal::new(Classes::All);
    let table = Memo::new(move |_| {
        lab.tape.log.with(|log| MatrixTable::of(log, &lab.focus.upgrade.get(), metric.get(), classes.get()))
    });
    let metrics = Metric::ALL.map(|metric| (metric, metric.label())).to_vec();
    let scopes = Classes::ALL.map(|classes| (classes, classes.label())).to_vec();
    let file = Signal::derive(move || lab.tape.log.with(table_csv));
    let empty = Signal::derive(move || table.with(|table| table.basis.is_none()));
    view! {
        <section class="panel matrix" aria-labelledby="matrix-title">
            <header>
                <Title lab of=Instrument::Matrix/>
                <Menu label="Score" options=metrics value=metric/>
                <Menu label="Classes" options=scopes value=classes/>
                <SaveMenu lab what="matrix" options=vec![Save::Csv(file)] disabled=empty/>
            </header>
            {move || {
                let upgrade = lab.focus.upgrade.get();
                table.with(|table| match table.basis {
                    Some(_) => full(table, &upgrade, metric.get(), classes.get()).into_any(),
                    None => view! {
                        <p class="empty">"Every pair of query and gallery model appears here once something was measured."</p>
                    }.into_any(),
                })
            }}
            <Verdict lab/>
        </section>
    }
    .into_any()
}

fn full(table: &MatrixTable, upgrade: &Upgrade, metric: Metric, classes: Classes) -> impl IntoView {
    let head = |model| view! { <th scope="col">{name(model, upgrade)}</th> };
    let row = |row: &MatrixRow| {
        let cells = row.cells.iter().zip(&table.columns);
        let cells = cells
            .map(|(it, &gallery)| {
                let pair = upgrade.pair(row.query, gallery);
                if table.chain {
                    chain_cell(it.as_ref(), pair).into_any()
                } else {
                    cell(it.as_ref(), pair, metric).into_any()
                }
            })
            .collect_view();
        let ceiling = table.chain.then(|| ceiling(row.ceiling.as_ref()));
        let head = name(row.query, upgrade);
        let head = match upgrade.role(row.query) {
            Role::Independent => term(Term::Independent, head),
            _ => head.into_any(),
        };
        view! { <tr><th scope="row">{head}</th>{cells}{ceiling}</tr> }
    };
    let chance = table.chance.map(|chance| format!("Chance {}. ", format::points(chance))).unwrap_or_default();
    let spoken = format!("{} in points, {}. ", metric.label(), classes.label());
    let marks = if table.chain {
        "\u{2713} better than the gallery's own model, = exactly as good, \u{2717} worse. Alone: without compatibility."
    } else {
        "Arrows against old/old."
    };
    let caption = format!("{}. {chance}{marks}", table.basis.as_deref().unwrap_or_default());
    let ceilings = table.chain.then(|| view! { <th scope="col">{term(Term::Ceiling, "alone")}</th> });
    view! {
        <table class:live=table.live class:chain=table.chain>
            <caption><span class="hidden">{spoken}</span>{termed(&caption)}</caption>
            <thead>
                <tr>
                    <td class="corner">{term(Term::Pair, view! { "query \u{2193}"<br/>"gallery \u{2192}" })}</td>
                    {table.columns.iter().copied().map(head).collect_view()}
                    {ceilings}
                </tr>
            </thead>
            <tbody>{table.rows.iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// A model with the glyph and the word of its role.
pub fn name(model: protocol::ModelId, upgrade: &Upgrade) -> impl IntoView + use<> {
    let role = upgrade.role(model);
    view! {
        <span class=format!("model {}", role.word())>
            <span aria-hidden="true">{role.glyph()}</span>
            {format!(" {model} ")}
            <span class="role">{role.word()}</span>
        </span>
    }
}

/// How much of its colour a cell has.
fn strength(cell: &MatrixCell) -> String {
    format!("{:.0}%", 100.0 * DEEPEST * cell.depth())
}

/// One pair of a chain: whether the query model does better on the gallery than the model that indexed it.
fn chain_cell(cell: Option<&MatrixCell>, pair: String) -> impl IntoView + use<> {
    let Some(cell) = cell else {
        return view! { <td class="unmeasured" title=format!("{pair} is not measured")></td> }.into_any();
    };
    let (class, mark, spoken) = match cell.difference {
        None => ("even", "", ""),
        Some(0.0) => ("even", "=", "equal, "),
        Some(_) if cell.fails() => ("worse fails", "\u{2717}", "fails, "),
        Some(_) => ("better", "\u{2713}", "passes, "),
    };
    let change = cell.difference.map(format::signed_points);
    view! {
        <td class=class style:--strength=strength(cell) title=pair>
            <div class="cell">
                <span class="value">{format::points(cell.value)}</span>
                <span class="change">
                    <span class="hidden">{spoken}</span><span aria-hidden="true">{mark}" "</span>{change}
                </span>
            </div>
        </td>
    }
    .into_any()
}

/// The ceiling of a stage of a chain.
fn ceiling(cell: Option<&MatrixCell>) -> impl IntoView + use<> {
    let value = cell.map(|cell| format::points(cell.value));
    view! { <td class="ceiling"><div class="cell"><span class="value">{value}</span></div></td> }
}

fn cell(cell: Option<&MatrixCell>, pair: String, metric: Metric) -> impl IntoView + use<> {
    let Some(cell) = cell else {
        return view! { <td class="unmeasured" title=format!("{pair} is not measured")>"\u{2013}"</td> }.into_any();
    };
    let (class, arrow) = match cell.difference {
        Some(difference) if difference > 0.0005 => ("better", "\u{25b2}"),
        Some(difference) if difference < -0.0005 => ("worse", "\u{25bc}"),
        _ => ("even", ""),
    };
    let change = match cell.difference {
        Some(difference) => format!("{arrow}{}", format::signed_points(difference)),
        None => String::new(),
    };
    let top1 = (metric != Metric::Top1).then(|| format!("top-1 {}", format::points(cell.top1)));
    view! {
        <td class=class style:--strength=strength(cell)>
            <div class="cell">
                <span class="pair">{term(Term::of_pair(&pair), pair.replace("independent", "ind."))}</span>
                <span class="value">{format::points(cell.value)}</span>
                <span class="top1">{top1}</span>
                <span class="change">{change}</span>
            </div>
        </td>
    }
    .into_any()
}
