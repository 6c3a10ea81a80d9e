//! Runs side by side: where they differ, their scores, and the plane of the trade-off.

use leptos::html::Div;
use leptos::prelude::*;

use crate::page::browser::hooks::use_size;
use crate::page::panels::controls::Switch;
use crate::page::panels::save_menu::{Save, SaveMenu};
use crate::page::state::Lab;
use crate::view::chrome::runs::{Axis, Comparison, Line, Score, TradeOff, scatter};
use crate::view::instruments::matrix::Metric;

/// Scores and costs of groups of runs.
#[component]
pub fn Scores(
    /// What they are.
    comparison: Memo<Comparison>,
    /// By which score.
    metric: RwSignal<Metric>,
) -> impl IntoView {
    let metrics = [Metric::Map, Metric::Top1].map(|it| (it, Signal::stored(it.label().to_owned()))).to_vec();
    view! {
        <div class="scores">
            <header><h3>"Scores"</h3><Switch label="Score" options=metrics value=metric set=metric/></header>
            {move || comparison.with(scores)}
        </div>
    }
    .into_any()
}

/// A table with a column per group.
fn table(label: &'static str, comparison: &Comparison, rows: Vec<(String, Vec<AnyView>)>) -> AnyView {
    let group = |group: &crate::view::chrome::runs::Group| {
        view! { <th scope="col"><b>{group.letter.to_string()}</b>" "{group.name.clone()}</th> }
    };
    let row = |(name, cells): (String, Vec<AnyView>)| view! { <tr><th scope="row">{name}</th>{cells}</tr> };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table>
                <thead><tr><td></td>{comparison.groups.iter().map(group).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Settings in which the runs differ.
pub fn settings(comparison: &Comparison) -> AnyView {
    if comparison.settings.is_empty() {
        return view! { <p class="hint">{comparison.sameness()}</p> }.into_any();
    }
    let cells = |values: &Vec<String>| values.iter().map(|it| view! { <td>{it.clone()}</td> }.into_any()).collect();
    let rows = comparison.settings.iter().map(|(name, values)| (name.clone(), cells(values))).collect();
    table("Settings that differ", comparison, rows)
}

fn scores(comparison: &Comparison) -> AnyView {
    let cells = |line: &Line| line.scores.iter().map(|score| cell(line, score.as_ref())).collect();
    let rows = comparison.lines.iter().map(|line| (line.name.clone(), cells(line))).collect();
    table("Scores side by side", comparison, rows)
}

fn cell(line: &Line, score: Option<&Score>) -> AnyView {
    let Some(Score { band, difference }) = score else { return view! { <td>"\u{2013}"</td> }.into_any() };
    let difference = difference.map(|it| line.difference(it));
    view! {
        <td>{line.value(band.mean)}<b class="unit">{difference}</b><span class="unit">{line.range(band)}</span></td>
    }
    .into_any()
}

/// Groups of runs as points.
#[component]
pub fn Plane(
    /// The shared state.
    lab: Lab,
    /// What they are.
    comparison: Memo<Comparison>,
    /// By which score.
    metric: RwSignal<Metric>,
) -> impl IntoView {
    let axis = RwSignal::new(Axis::SelfTest);
    let axes = Axis::ALL.map(|it| (it, Signal::stored(it.label().to_owned()))).to_vec();
    let plane = Memo::new(move |_| comparison.with(|it| TradeOff::of(it, axis.get(), metric.get())));
    let nothing = Signal::derive(move || plane.with(|it| it.points.is_empty()));
    let joined = Memo::new(move |_| plane.with(|it| !it.paths.is_empty()));
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Memo::new(move |_| match size.get() {
        _ if nothing.get() => String::new(),
        (0, _) | (_, 0) => String::new(),
        size => plane.with(|it| scatter::svg(it, &lab.look.palette(), size)).unwrap_or_else(|error| error.to_string()),
    });
    let document = Signal::derive(move || {
        plane.with(|it| svg.with(|svg| scatter::document(svg, it, &lab.look.palette(), size.get())))
    });
    let options =
        vec![Save::Png(document), Save::Svg(document), Save::Csv(Signal::derive(move || plane.with(TradeOff::csv)))];
    view! {
        <div class="plane">
            <header>
                <h3>"Trade-off"</h3>
                <Switch label="Cross-test against" options=axes value=axis set=axis/>
                <SaveMenu lab several=true what="runs-trade-off".to_owned() options disabled=nothing/>
            </header>
            <div class="chart" node_ref=place role="img" aria-label=move || plane.with(TradeOff::described) inner_html=svg></div>
            <p class="hint">
                {move || if nothing.get() { "None of these runs has a verdict." } else { "Up is better. Bars go from the worst to the best seed." }}
                {move || joined.get().then_some(" A line joins runs that differ in one number of the method alone, in its order.")}
            </p>
        </div>
    }
    .into_any()
}
