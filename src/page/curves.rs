//! Curves over the training steps and over a backfill.

use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use protocol::ModelId;

use super::hooks::{use_size, use_throttled};
use super::lab::Lab;
use crate::view::chart;
use crate::view::curves::{Curves, Kind, Series};
use crate::view::theme::css;
use crate::view::upgrade::models;

/// Drawing an SVG costs milliseconds, so it is done a few times a second at most.
const REDRAW_EVERY: Duration = Duration::from_millis(250);
/// Rows of the table beside a chart, at most; every n-th step is kept.
const TABLE_ROWS: usize = 40;

/// The third instrument.
#[component]
pub fn CurvesPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let kind = RwSignal::new(Kind::Retrieval);
    // None follows the model in training.
    let picked = RwSignal::new(None::<ModelId>);
    let tick = use_throttled(move || lab.log.track(), REDRAW_EVERY);
    let model = Memo::new(move |_| {
        tick.track();
        picked.get().unwrap_or_else(|| untrack(|| lab.current_model()))
    });
    let curves = Memo::new(move |_| {
        tick.track();
        let upgrade = lab.upgrade.get();
        lab.log.with_untracked(|log| Curves::of(log, &upgrade, kind.get(), model.get()))
    });
    let with_losses = Memo::new(move |_| {
        tick.track();
        let begun =
            |log: &protocol::RunLog, model: &ModelId| log.models.get(model).is_some_and(|it| !it.losses.is_empty());
        lab.log.with_untracked(|log| models(log).into_iter().filter(|model| begun(log, model)).collect::<Vec<_>>())
    });
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Memo::new(move |_| {
        let palette = lab.palette();
        curves.with(|curves| match size.get() {
            _ if curves.series.is_empty() => String::new(),
            (0, _) | (_, 0) => String::new(),
            size => chart::svg(curves, &palette, size).unwrap_or_else(|error| error.to_string()),
        })
    });
    let tab = move |this: Kind| {
        view! {
            <button type="button" role="tab" aria-selected=move || (kind.get() == this).to_string() aria-controls="curves-chart"
                on:click=move |_| kind.set(this)>{this.label()}</button>
        }
    };
    let pick = move |id: ModelId| {
        view! {
            <button
                type="button"
                aria-pressed=move || (model.get() == id).to_string()
                on:click=move |_| picked.set(Some(id))
            >
                {id.to_string()}
            </button>
        }
    };
    view! {
        <section class="panel curves" aria-labelledby="curves-title">
            <header>
                <h2 id="curves-title">"Curves"</h2>
                <div class="tabs" role="tablist" aria-label="Curves">{Kind::ALL.map(tab).collect_view()}</div>
                <Show when=move || kind.get() == Kind::Loss && with_losses.with(|it| it.len() > 1)>
                    <div class="switch" role="group" aria-label="Model">
                        {move || with_losses.get().into_iter().map(pick).collect_view()}
                    </div>
                </Show>
            </header>
            <div id="curves-chart" role="tabpanel" class="figure">
                <ul class="legend">{move || legend(lab, &curves.get())}</ul>
                <div class="chart" node_ref=place role="img" aria-label=move || described(&curves.get()) inner_html=svg></div>
                <p class="empty" hidden=move || !curves.with(|it| it.series.is_empty())>{move || curves.with(|it| it.empty)}</p>
            </div>
            <Show when=move || !curves.with(|it| it.series.is_empty())>
                <details class="data">
                    <summary>{move || curves.with(|it| it.caption.clone())}<span class="more">" Numbers"</span></summary>
                    {move || table(&curves.get())}
                </details>
            </Show>
        </section>
    }
    .into_any()
}

fn legend(lab: Lab, curves: &Curves) -> impl IntoView + use<> {
    let palette = lab.palette();
    let entry = |series: &Series| {
        let now = series.mean.or(series.points.last().map(|point| point.1));
        let now =
            now.map(|value| format!(" {value:.*}", decimals(curves)).replace('-', "\u{2212}")).unwrap_or_default();
        view! {
            <li>
                <span
                    class=format!("line {}", series.dash.word())
                    style:color=css(palette.ink_of(series.ink))
                    aria-hidden="true"
                ></span>
                {series.label.clone()}<b>{now}</b>
            </li>
        }
    };
    curves.series.iter().map(entry).collect_view()
}

/// Points have one decimal, losses three.
fn decimals(curves: &Curves) -> usize {
    if curves.y_label == "loss" { 3 } else { 1 }
}

fn described(curves: &Curves) -> String {
    let last = |series: &Series| {
        let &(step, value) = series.points.last()?;
        let digits = decimals(curves);
        let mean = series.mean.map(|mean| format!(" {mean:.digits$} on average,")).unwrap_or_default();
        Some(format!("{}{mean} {value:.digits$} {}", series.label, curves.x.place(step)))
    };
    let parts: Vec<String> = curves.series.iter().filter_map(last).collect();
    if parts.is_empty() { curves.empty.to_owned() } else { format!("{} {}.", curves.caption, parts.join("; ")) }
}

fn table(curves: &Curves) -> impl IntoView + use<> {
    let rows = curves.table();
    let every = rows.len().div_ceil(TABLE_ROWS).max(1);
    let (digits, unit) = (decimals(curves), curves.x.unit());
    let value = move |value: Option<f64>| view! { <td>{value.map(|value| format!("{value:.digits$}"))}</td> };
    // Counted from the end, so that the last step is always there.
    let kept = rows.into_iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev();
    let head = curves.series.iter().map(|series| view! { <th scope="col">{series.label.clone()}</th> }).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers behind the chart">
            <table>
                <thead><tr><th scope="col">{unit}</th>{head}</tr></thead>
                <tbody>
                    {kept.map(|(step, values)| view! {
                        <tr><th scope="row">{format!("{step}")}</th>{values.into_iter().map(value).collect_view()}</tr>
                    }).collect_view()}
                </tbody>
            </table>
            {(every > 1).then(|| view! { <p class="hint">{format!("Every {every}th step is listed.")}</p> })}
        </div>
    }
}
