//! Curves over the training and over a backfill.

use leptos::html::Div;
use leptos::prelude::*;
use protocol::{ModelId, RunLog};

use super::controls::{Menu, Title};
use super::readable::Readable;
use super::save_menu::{Save, SaveMenu};
use super::term::head;
use crate::page::browser::hooks::use_size;
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::axis::{Axis, nearest_moment};
use crate::view::draw::chart::{self, Look};
use crate::view::draw::figure::standalone;
use crate::view::draw::series::{Curves, Series};
use crate::view::draw::smoothing;
use crate::view::draw::theme::css;
use crate::view::instruments::curves::Kind;
use crate::view::upgrade::models;

/// Rows of the table beside a chart, at most; every n-th step is kept.
const TABLE_ROWS: usize = 40;

/// The third instrument.
#[component]
pub fn CurvesPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let kinds = Memo::new(move |_| {
        let is_retrieval = lab.offer.get().is_retrieval();
        lab.tape.with_newest(|log| Kind::offered(log, is_retrieval))
    });
    let kind = Memo::new(move |_| {
        let kind = lab.focus.curves.get();
        kinds.with(|kinds| if kinds.contains(&kind) { kind } else { kinds.first().copied().unwrap_or(kind) })
    });
    let axis = RwSignal::new(Axis::Steps);
    let smoothing = RwSignal::new(0.0);
    // By name, so that what is hidden stays hidden in the next run.
    let hidden = RwSignal::new(Vec::<String>::new());
    // None follows the model in training.
    let picked = RwSignal::new(None::<ModelId>);
    let tick = lab.tape.redraws();
    let model = Memo::new(move |_| {
        tick.track();
        picked.get().unwrap_or_else(|| untrack(|| lab.current_model()))
    });
    let curves = Memo::new(move |_| {
        tick.track();
        let upgrade = lab.focus.upgrade.get();
        let (kind, model, axis) = (kind.get(), model.get(), axis.get());
        newest(lab, |log| Curves::of(log, &upgrade, kind, model, axis))
    });
    let shown = Memo::new(move |_| curves.with(|curves| hidden.with(|hidden| curves.without(hidden))));
    let nothing = Memo::new(move |_| curves.with(|it| it.series.is_empty()));
    let with_losses = Memo::new(move |_| {
        tick.track();
        let begun = |log: &RunLog, model: &ModelId| log.models.get(model).is_some_and(|it| !it.losses.is_empty());
        newest(lab, |log| models(log).into_iter().filter(|model| begun(log, model)).collect::<Vec<_>>())
    });
    // Where the moment on show lies, if the chart is about what trained then.
    let cursor = Memo::new(move |_| {
        let (trained, step) = lab.tape.trained()?;
        let fits = kind.get() != Kind::Loss || model.get() == trained;
        let x = curves.with(|curves| curves.x);
        newest(lab, |log| x.at(log, trained, step)).filter(|_| fits)
    });
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Memo::new(move |_| {
        let (palette, smoothing) = (lab.look.palette(), smoothing.get());
        shown.with(|curves| match size.get() {
            _ if curves.series.is_empty() => String::new(),
            (0, _) | (_, 0) => String::new(),
            size => {
                let look = Look { palette, size, smoothing, cursor: cursor.get() };
                chart::svg(curves, &look).unwrap_or_else(|error| error.to_string())
            }
        })
    });
    let over_training = move || kind.get() != Kind::Backfill;
    let seek = move |at: f64| {
        let x = shown.with_untracked(|it| it.x);
        let model = if kind.get_untracked() == Kind::Loss {
            model.get_untracked()
        } else {
            lab.focus.upgrade.get_untracked().new
        };
        let steps = lab.tape.steps();
        if let Some(moment) = newest(lab, |log| nearest_moment(x, log, &steps, model, at)) {
            lab.tape.seek(Some(moment));
        }
    };
    let document = Signal::derive(move || {
        let smoothing = if over_training() { smoothing.get() } else { 0.0 };
        shown.with(|curves| svg.with(|svg| standalone(svg, curves, &lab.look.palette(), size.get(), smoothing)))
    });
    let numbers = Signal::derive(move || curves.with(Curves::csv));
    let name = Signal::derive(move || match kind.get() {
        Kind::Loss => format!("loss-{}", model.get().file_stem()),
        kind => kind.label().to_lowercase(),
    });
    let axes = Axis::TRAINING.map(|axis| (axis, axis.name())).to_vec();
    let tab = move |this: Kind| {
        view! {
            <button type="button" role="tab" aria-selected=move || (kind.get() == this).to_string() aria-controls="curves-chart"
                on:click=move |_| lab.focus.set_curves(this)>{this.label()}</button>
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
                <Title lab of=Instrument::Curves/>
                <div class="tabs" role="tablist" aria-label="Curves">
                    {move || kinds.get().into_iter().map(tab).collect_view()}
                </div>
                <span hidden=move || !over_training()><Menu label="Horizontal axis" options=axes value=axis/></span>
                <SaveMenu lab what=name options=vec![Save::Png(document), Save::Svg(document), Save::Csv(numbers)] disabled=nothing/>
            </header>
            <div id="curves-chart" role="tabpanel" class="figure">
                <div class="key">
                    <Show when=move || kind.get() == Kind::Loss && with_losses.with(|it| it.len() > 1)>
                        <div class="switch" role="group" aria-label="Model">
                            {move || with_losses.get().into_iter().map(pick).collect_view()}
                        </div>
                    </Show>
                    <ul class="legend" aria-label="Curves to show">{move || legend(lab, &curves.get(), hidden)}</ul>
                    <div class="smoothing" hidden=move || !over_training() || nothing.get()
                        title="Moving average over the readings, with the raw values faint behind it">
                        <label for="curves-smoothing">"Smoothing"</label>
                        <input id="curves-smoothing" type="range" min="0" max=smoothing::MOST step="0.01"
                            prop:value=move || smoothing.get().to_string()
                            on:input:target=move |event| smoothing.set(event.target().value().parse().unwrap_or(0.0))/>
                        <output for="curves-smoothing">{move || format!("{:.2}", smoothing.get())}</output>
                    </div>
                </div>
                <Readable lab curves=Signal::derive(move || Some(shown.get())) svg words=Signal::derive(move || described(&shown.get()))
                    place size timed=Signal::derive(over_training) seek=Callback::new(seek)/>
                <p class="empty" hidden=move || !shown.with(|it| it.series.is_empty())>{move || shown.with(|it| it.empty)}</p>
            </div>
            <Show when=move || !nothing.get()>
                <details class="data">
                    <summary>{move || curves.with(|it| it.caption.clone())}<span class="more">" Numbers"</span></summary>
                    {move || table(&shown.get())}
                    {move || changes(&shown.get())}
                </details>
            </Show>
        </section>
    }
    .into_any()
}

/// Reads the newest moment of what is on show, untracked.
fn newest<T>(lab: Lab, read: impl FnOnce(&RunLog) -> T) -> T {
    untrack(|| lab.tape.with_newest(read))
}

/// The names of the curves, each a button that hides or shows its curve.
pub fn legend(lab: Lab, curves: &Curves, hidden: RwSignal<Vec<String>>) -> impl IntoView + use<> {
    let palette = lab.look.palette();
    let toggle = move |label: &String| {
        hidden.update(|hidden| match hidden.iter().position(|it| it == label) {
            Some(place) => drop(hidden.remove(place)),
            None => hidden.push(label.clone()),
        });
    };
    let entry = |series: &Series| {
        let now = series.mean.or(series.points.last().map(|point| point.1));
        let now = now.map(|value| format!(" {value:.*}", curves.digits()).replace('-', "\u{2212}")).unwrap_or_default();
        let label = series.label.clone();
        let on = hidden.with(|hidden| !hidden.contains(&label));
        view! {
            <li>
                <button type="button" class="quiet" aria-pressed=on.to_string() on:click=move |_| toggle(&label)>
                    <span
                        class=format!("line {}", series.dash.word())
                        style:color=css(palette.ink_of(series.ink))
                        aria-hidden="true"
                    ></span>
                    <span class="name">{series.label.clone()}</span><b>{now}</b>
                </button>
            </li>
        }
    };
    curves.series.iter().map(entry).collect_view()
}

/// The chart in words.
pub fn described(curves: &Curves) -> String {
    let last = |series: &Series| {
        let &(step, value) = series.points.last()?;
        let digits = curves.digits();
        let mean = series.mean.map(|mean| format!(" {mean:.digits$} on average,")).unwrap_or_default();
        let band = series.band.last().filter(|band| band.0 == step);
        let band = band.map(|(_, low, high)| format!(" ({low:.digits$} to {high:.digits$})")).unwrap_or_default();
        Some(format!("{}{mean} {value:.digits$}{band} {}", series.label, curves.place(step)))
    };
    let parts: Vec<String> = curves.series.iter().filter_map(last).collect();
    if parts.is_empty() {
        return curves.empty.to_owned();
    }
    let changes = curves.changes();
    let changes = if changes.is_empty() { String::new() } else { format!(" Changed: {}.", changes.join("; ")) };
    format!("{} {}.{changes}", curves.caption, parts.join("; "))
}

fn changes(curves: &Curves) -> impl IntoView + use<> {
    let lines = curves.changes();
    (!lines.is_empty()).then(|| view! {
        <ul class="hint changes" aria-label="Changed on the way">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
    })
}

/// The numbers behind a chart.
pub fn table(curves: &Curves) -> impl IntoView + use<> {
    let rows = curves.table();
    let every = rows.len().div_ceil(TABLE_ROWS).max(1);
    let (digits, axis, unit) = (curves.digits(), curves.x, curves.x_unit().to_owned());
    let value = move |value: Option<f64>| view! { <td>{value.map(|value| format!("{value:.digits$}"))}</td> };
    // Counted from the end, so that the last step is always there.
    let kept = rows.into_iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev();
    let heads = curves.heads().iter().map(|name| head(name)).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers behind the chart">
            <table>
                <thead><tr><th scope="col">{unit}</th>{heads}</tr></thead>
                <tbody>
                    {kept.map(|(step, values)| view! {
                        <tr><th scope="row">{axis.number(step)}</th>{values.into_iter().map(value).collect_view()}</tr>
                    }).collect_view()}
                </tbody>
            </table>
            {(every > 1).then(|| view! { <p class="hint">{format!("Every {every}th step is listed.")}</p> })}
        </div>
    }
}
