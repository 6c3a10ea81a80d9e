//! Runs side by side: where they differ, their scores, and the plane of the trade-off.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use crate::page::browser::hooks::use_size;
use crate::page::panels::controls::Switch;
use crate::page::panels::save_menu::{Save, SaveMenu};
use crate::page::state::Lab;
use crate::view::chrome::runs::{Axis, Comparison, Line, Score, TradeOff, scatter};
use crate::view::draw::reading::walked;
use crate::view::draw::theme::css;
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
    // The point that a reader points at, by its position from left to right.
    let at = RwSignal::new(None::<usize>);
    let order = Memo::new(move |_| plane.with(TradeOff::order));
    let pointed = move |event: &MouseEvent| {
        let spots = plane.with_untracked(|it| scatter::spots(it, size.get_untracked()));
        let edge = place.get_untracked()?.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - edge.left(), f64::from(event.client_y()) - edge.top());
        let away = |at: &usize| spots.get(*at).map_or(f64::INFINITY, |spot| (spot.0 - x).hypot(spot.1 - y));
        order.with_untracked(|order| {
            let places = order.iter().enumerate();
            places.min_by(|one, other| away(one.1).total_cmp(&away(other.1))).map(|(place, _)| place)
        })
    };
    let cross = NodeRef::<Div>::new();
    let last = move || order.with(Vec::len).saturating_sub(1);
    let chosen = move || at.get().map(|at| at.min(last()));
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let now = at.get_untracked();
        match (walked(&event.key(), now, order.with_untracked(Vec::len)), &*event.key()) {
            (Some(to), _) => at.set(Some(to)),
            (None, "Escape") if now.is_some() => {
                at.set(None);
                // The dialog stays.
                event.stop_propagation();
            }
            _ => return,
        }
        event.prevent_default();
    };
    let told = move || {
        let point = chosen().and_then(|at| order.with(|order| order.get(at).copied()));
        plane.with(|plane| match point.and_then(|at| plane.points.get(at)) {
            None => "no run chosen".to_owned(),
            Some(point) => {
                let [(up, y), (across, x)] = plane.told(point);
                format!("{} {}: {up}: {y}; {across}: {x}.", point.letter, point.name)
            }
        })
    };
    let over = move || {
        let at = order.with(|order| order.get(chosen()?).copied())?;
        plane.with(|plane| overlay(lab, plane, at, size.get()))
    };
    view! {
        <div class="plane">
            <header>
                <h3>"Trade-off"</h3>
                <Switch label="Cross-test against" options=axes value=axis set=axis/>
                <SaveMenu lab several=true what="runs-trade-off".to_owned() options disabled=nothing/>
            </header>
            <div class="readable">
                <div class="chart" node_ref=place role="img" aria-label=move || plane.with(TradeOff::described) inner_html=svg
                    on:pointermove=move |event: PointerEvent| at.set(pointed(&event)) on:pointerleave=move |_| at.set(None)
                    // What was tapped for stays until something else is.
                    on:click=move |event| if let Some(cross) = cross.get_untracked() {
                        let _ = cross.focus();
                        at.set(pointed(&event));
                    }></div>
                <div class="cross" node_ref=cross role="slider" tabindex="0" aria-label="Values of the runs" aria-orientation="horizontal" hidden=nothing
                    aria-valuemin="1" aria-valuemax=move || last() + 1 aria-valuenow=move || chosen().unwrap_or_else(last) + 1
                    aria-valuetext=told on:keydown=key on:blur=move |_| at.set(None)>{over}</div>
            </div>
            <p class="hint">
                {move || if nothing.get() { "None of these runs has a verdict." } else { "Up is better. Bars go from the worst to the best seed." }}
                {move || joined.get().then_some(" A line joins runs that differ in one number of the method alone, in its order.")}
            </p>
        </div>
    }
    .into_any()
}

/// A ring around a point, and what it says beside it.
fn overlay(lab: Lab, plane: &TradeOff, at: usize, size: (u32, u32)) -> Option<impl IntoView + use<>> {
    let (point, (x, y)) = (plane.points.get(at)?, *scatter::spots(plane, size).get(at)?);
    let ink = css(lab.look.palette().class(point.place));
    // Towards the middle, so that it stays inside.
    let left = x > 0.5 * f64::from(size.0);
    let row = |(name, words): (String, String)| view! { <li><span class="name">{name}</span><b>{words}</b></li> };
    Some(view! {
        <svg aria-hidden="true" focusable="false"><circle class="ring" cx=x cy=y r="10" style:color=ink/></svg>
        <div class="values" class:left=left style:left=format!("{x:.0}px")>
            <strong>{point.letter.to_string()}" "{point.name.clone()}</strong>
            <ul class="legend">{plane.told(point).into_iter().map(row).collect_view()}</ul>
        </div>
    })
}
