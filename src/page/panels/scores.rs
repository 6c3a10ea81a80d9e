//! Histograms of cosines, one per pair of models.

use leptos::html::Div;
use leptos::prelude::*;

use super::term::term;
use crate::page::browser::hooks::use_size;
use crate::page::state::Lab;
use crate::view::draw::theme::css;
use crate::view::instruments::histogram;
use crate::view::instruments::scores::{EMPTY, Histogram, ScoresView};
use crate::view::terms::Term;

/// The histograms under one another, so that their axes line up.
#[component]
pub fn ScoresTab(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let scores = Memo::new(move |_| lab.tape.log.with(|log| ScoresView::of(log, &lab.focus.upgrade.get())));
    move || {
        let view = scores.get();
        if view.histograms.is_empty() {
            return view! { <p class="empty">{EMPTY}</p> }.into_any();
        }
        let table = table(&view);
        view! {
            <ul class="legend">
                <li><span class="line solid" aria-hidden="true"></span>"same class"</li>
                <li class="others"><span class="line dashed" aria-hidden="true"></span>"different classes"</li>
            </ul>
            <ul class="histograms">{view.histograms.into_iter().map(|histogram| view! { <Row lab histogram/> }).collect_view()}</ul>
            <details class="data"><summary>{view.caption}<span class="more">" Numbers"</span></summary>{table}</details>
        }
        .into_any()
    }
}

#[component]
fn Row(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    histogram: Histogram,
) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let (pair, separation, described) = (histogram.pair.clone(), histogram.separation(), histogram.described());
    let ink = histogram.ink;
    let svg = move || match size.get() {
        (0, _) | (_, 0) => String::new(),
        size => histogram::svg(&histogram, &lab.look.palette(), size).unwrap_or_else(|error| error.to_string()),
    };
    view! {
        <li>
            <p class="pair">
                <strong style:color=move || css(lab.look.palette().ink_of(ink))>{pair}</strong>
                <span class="count">{term(Term::Separation, separation)}</span>
            </p>
            <div class="chart" node_ref=place role="img" aria-label=described inner_html=svg></div>
        </li>
    }
    .into_any()
}

fn table(view: &ScoresView) -> impl IntoView + use<> {
    let head = view.histograms.iter().flat_map(|it| [format!("{} same", it.pair), format!("{} different", it.pair)]);
    let percent = |share: f64| view! { <td>{format!("{:.1}", 100.0 * share)}</td> };
    let row = |(low, shares): (f64, Vec<[f64; 2]>)| {
        let low = format!("{low:.2}").replace('-', "\u{2212}");
        view! { <tr><th scope="row">{low}</th>{shares.into_iter().flatten().map(percent).collect_view()}</tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers behind the histograms">
            <table>
                <caption>"Percent of the pairs of a kind with a cosine from this on, up to the next."</caption>
                <thead>
                    <tr><th scope="col">"cosine"</th>{head.map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{view.table().into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
