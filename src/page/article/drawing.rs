//! The figure of a part.

use leptos::html::Div;
use leptos::prelude::*;

use crate::page::browser::hooks::use_size;
use crate::page::panels::curves::{described, legend, table};
use crate::page::panels::readable::Readable;
use crate::page::panels::thumbnail::Thumbnail;
use crate::page::state::Lab;
use crate::view::chrome::article::{Bar, Figure, FigureCell, FigureStrips, FigureTable};
use crate::view::draw::chart::{self, Look};
use crate::view::draw::series::Curves;
use crate::view::instruments::exhibit_drawing::draw;
use crate::view::instruments::exhibits;
use crate::view::instruments::grid_drawing::DEEPEST;
use crate::view::instruments::strips::{Hit, Strip};

/// Items of a strip that are shown.
const HITS: usize = 6;

/// A figure, drawn.
#[component]
pub fn Drawing(
    /// The shared state.
    lab: Lab,
    /// What it shows.
    figure: Figure,
    /// What a table is called, for those who hear the page.
    name: String,
) -> impl IntoView {
    match figure {
        Figure::Bars(bars) => view! { <dl class="bars">{bars.into_iter().map(bar).collect_view()}</dl> }.into_any(),
        Figure::Table(table) => grid(table, name),
        Figure::Chart(curves) => view! { <Chart lab curves/> }.into_any(),
        Figure::Strips(found) => strips(lab, found),
        Figure::Things(exhibit, behind, extent, groups) => {
            let words = exhibits::described(&exhibit, behind.as_deref(), &groups, &extent);
            let place = NodeRef::<Div>::new();
            let size = use_size(place);
            let svg = move || match size.get() {
                (0, _) | (_, 0) => String::new(),
                size => match draw(&exhibit, behind.as_deref(), &extent, &lab.look.palette(), size) {
                    Ok(drawing) => drawing.svg,
                    Err(error) => error.to_string(),
                },
            };
            view! { <div class="chart" role="img" aria-label=words node_ref=place inner_html=svg></div> }.into_any()
        }
    }
}

fn bar(bar: Bar) -> impl IntoView {
    view! {
        <div>
            <dt>{bar.name}</dt>
            <dd>
                <span class="bar" aria-hidden="true"><span style:width=format!("{:.1}%", 100.0 * bar.length)></span></span>
                {bar.told}
            </dd>
        </div>
    }
}

#[component]
fn Chart(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    curves: Curves,
) -> impl IntoView {
    let hidden = RwSignal::new(Vec::<String>::new());
    let curves = StoredValue::new(curves);
    let shown = Memo::new(move |_| hidden.with(|hidden| curves.with_value(|curves| curves.without(hidden))));
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Signal::derive(move || match size.get() {
        (0, _) | (_, 0) => String::new(),
        size => {
            let look = Look { palette: lab.look.palette(), size, smoothing: 0.0, cursor: None };
            shown.with(|curves| chart::svg(curves, &look).unwrap_or_else(|error| error.to_string()))
        }
    });
    view! {
        <ul class="legend" aria-label="Curves to show">{move || curves.with_value(|curves| legend(lab, curves, hidden))}</ul>
        <Readable lab curves=Signal::derive(move || Some(shown.get())) svg words=Signal::derive(move || shown.with(described))
            place size timed=Signal::stored(false) seek=Callback::new(|_: f64| ())/>
        <details class="data"><summary>"Numbers"</summary>{move || shown.with(table)}</details>
    }
    .into_any()
}

fn grid(grid: FigureTable, name: String) -> AnyView {
    let row = |(name, cells): (String, Vec<FigureCell>)| {
        view! { <tr><th scope="row">{name}</th>{cells.into_iter().map(cell).collect_view()}</tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=name>
            <table>
                <thead>
                    <tr>
                        <td class="hint">{grid.corner}</td>
                        {grid.columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{grid.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn cell(cell: FigureCell) -> impl IntoView {
    let text = if cell.text.is_empty() { "\u{2013}".to_owned() } else { cell.text };
    view! {
        <td class:worse=cell.worse style:--strength=format!("{:.0}%", 100.0 * DEEPEST * cell.depth)>
            <span class="value">{text}</span>" "<span class="hint">{cell.note}</span>
        </td>
    }
}

/// What a query finds. Pictures are there while the run on show has the same ones; the words always are.
fn strips(lab: Lab, found: FigureStrips) -> AnyView {
    let FigureStrips { query, class, view, scenario } = found;
    let pictured = Memo::new(move |_| {
        let own = scenario.as_ref().map(|scenario| lab.settings.settled(scenario));
        lab.shown.with(|shown| {
            own.as_ref()
                .zip(shown.as_ref())
                .is_some_and(|(own, shown)| (&own.data, own.seed) == (&shown.data, shown.seed))
        })
    });
    let picture = move |item: u16, label: String| {
        move || {
            let label = Signal::stored(label.clone());
            pictured.get().then(|| view! { <Thumbnail lab item=Signal::stored(Some(item)) label/> })
        }
    };
    let hit = move |hit: Hit| {
        let (mark, word) = if hit.right { ("\u{2713}", "same class") } else { ("\u{2717}", "other class") };
        view! {
            <li class=if hit.right { "hit" } else { "miss" }>
                {picture(hit.item, hit.class.clone())}
                <span>{hit.class}" "<span aria-hidden="true">{mark}</span><span class="hidden">{word}</span></span>
            </li>
        }
    };
    let strip = |strip: Strip| {
        view! { <li><b>{strip.pair}</b><ol>{strip.hits.into_iter().take(HITS).map(hit).collect_view()}</ol></li> }
    };
    view! {
        <div class="found">
            <p class="query">{picture(query, class.clone())}<span>"Query: "{class}</span></p>
            <ul>{view.strips.into_iter().map(strip).collect_view()}</ul>
        </div>
    }
    .into_any()
}
