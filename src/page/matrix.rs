//! The compatibility matrix and, under it, the verdict.

use leptos::prelude::*;

use super::controls::Menu;
use super::lab::Lab;
use super::verdict::Verdict;
use crate::view::format;
use crate::view::matrix::{Classes, MatrixCell, MatrixRow, MatrixTable, Metric};
use crate::view::upgrade::Upgrade;

/// Difference at which a cell has its full colour.
const FULL: f64 = 0.25;

/// The first instrument.
#[component]
pub fn MatrixPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let metric = RwSignal::new(Metric::Map);
    let classes = RwSignal::new(Classes::All);
    let table =
        Memo::new(move |_| lab.log.with(|log| MatrixTable::of(log, &lab.upgrade.get(), metric.get(), classes.get())));
    let metrics = Metric::ALL.map(|metric| (metric, metric.label())).to_vec();
    let scopes = Classes::ALL.map(|classes| (classes, classes.label())).to_vec();
    view! {
        <section class="panel matrix" aria-labelledby="matrix-title">
            <header>
                <h2 id="matrix-title">"Compatibility matrix"</h2>
                <Menu label="Score" options=metrics value=metric/>
                <Menu label="Classes" options=scopes value=classes/>
            </header>
            {move || {
                let upgrade = lab.upgrade.get();
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
        let cells =
            cells.map(|(it, &gallery)| cell(it.as_ref(), upgrade.pair(row.query, gallery), metric)).collect_view();
        view! { <tr><th scope="row">{name(row.query, upgrade)}</th>{cells}</tr> }
    };
    let chance = table.chance.map(|chance| format!("Chance {}. ", format::points(chance))).unwrap_or_default();
    let spoken = format!("{} in points, {}. ", metric.label(), classes.label());
    let caption = format!("{}. {chance}Arrows against old/old.", table.basis.as_deref().unwrap_or_default());
    view! {
        <table class:live=table.live>
            <caption><span class="hidden">{spoken}</span>{caption}</caption>
            <thead>
                <tr>
                    <td class="corner">"query \u{2193}"<br/>"gallery \u{2192}"</td>
                    {table.columns.iter().copied().map(head).collect_view()}
                </tr>
            </thead>
            <tbody>{table.rows.iter().map(row).collect_view()}</tbody>
        </table>
    }
}

fn name(model: protocol::ModelId, upgrade: &Upgrade) -> impl IntoView + use<> {
    let role = upgrade.role(model);
    view! {
        <span class=format!("model {}", role.word())>
            <span aria-hidden="true">{role.glyph()}</span>
            {format!(" {model} ")}
            <span class="role">{role.word()}</span>
        </span>
    }
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
    let strength = cell.difference.map_or(0.0, |difference| (difference.abs() / FULL).min(1.0));
    let change = match cell.difference {
        Some(difference) => format!("{arrow}{}", format::signed_points(difference)),
        None => String::new(),
    };
    let top1 = (metric != Metric::Top1).then(|| format!("top-1 {}", format::points(cell.top1)));
    view! {
        <td class=class style:--strength=format!("{:.0}%", 34.0 * strength)>
            <div class="cell">
                <span class="pair" title=pair.clone()>{pair.replace("independent", "ind.")}</span>
                <span class="value">{format::points(cell.value)}</span>
                <span class="top1">{top1}</span>
                <span class="change">{change}</span>
            </div>
        </td>
    }
    .into_any()
}
