//! The kept runs: the list, and the chosen ones side by side.

use leptos::html::Div;
use leptos::prelude::*;

use super::compare::{Plane, Scores, settings};
use crate::page::acts::{archive, intent, run};
use crate::page::panels::controls::ActionButton;
use crate::page::panels::term::head;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::runs::{Comparison, KEPT, Row, RunRecord, WITH_EVENTS};
use crate::view::instruments::matrix::Metric;

/// Heads of the list.
const HEAD: [&str; 9] = ["Compare", "Name", "Finished", "Method", "Seed", "new/old", "new/new", "Floats", "Time"];

/// The list and what is below it.
#[component]
pub fn RunsList(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let (runs, chosen) = (lab.archive.runs, lab.archive.chosen);
    let ids = Memo::new(move |_| runs.with(|runs| runs.ids()));
    let metric = RwSignal::new(Metric::Map);
    let comparison = Memo::new(move |_| {
        let (chosen, metric) = (chosen.get(), metric.get());
        runs.with(|runs| lab.settings.catalogue.with(|catalogue| Comparison::of(runs, &chosen, catalogue, metric)))
    });
    let several = Memo::new(move |_| chosen.with(Vec::len) > 1);
    let list = NodeRef::<Div>::new();
    // Focus does not get lost with the row.
    let removed = Callback::new(move |()| {
        if let Some(list) = list.get_untracked() {
            let _ = list.focus();
        }
    });
    let rows = move || {
        lab.settings.catalogue.track();
        let records =
            ids.with(|ids| ids.iter().filter_map(|id| runs.with_untracked(|it| it.get(*id).cloned())).collect());
        let records: Vec<RunRecord> = records;
        records.into_iter().map(|record| row(lab, &record, comparison, removed)).collect_view()
    };
    view! {
        <h2>"Runs"</h2>
        <p class="hint">
            {format!("The last {KEPT} finished runs are kept in this browser, and pinned ones until they are removed. The newest {WITH_EVENTS} can be opened.")}
        </p>
        <p class="empty" hidden=move || !ids.with(Vec::is_empty)>"No run has finished yet."</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Kept runs" node_ref=list hidden=move || ids.with(Vec::is_empty)>
            <table class="list">
                <thead><tr>{HEAD.map(head).collect_view()}<th scope="col"><span class="hidden">"Actions"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="hint" hidden=move || several.get() || ids.with(|ids| ids.len() < 2)>"Choose two or more runs to compare them."</p>
        <Show when=move || several.get()><Compare lab comparison metric/></Show>
        <div class="foot">
            <ActionButton lab action=Action::Sweep class="plain">"Start several"</ActionButton>
            <button type="button" class="plain" on:click=move |_| intent::act(lab, Action::Runs)>"Close"</button>
        </div>
    }
    .into_any()
}

fn row(lab: Lab, record: &RunRecord, comparison: Memo<Comparison>, removed: Callback<()>) -> AnyView {
    let (runs, chosen, id) = (lab.archive.runs, lab.archive.chosen, record.id);
    let row = lab.settings.catalogue.with_untracked(|catalogue| Row::of(record, catalogue));
    let name = Memo::new(move |_| runs.with(|runs| runs.get(id).map(|it| it.name.clone())).unwrap_or_default());
    let pinned = move || runs.with(|runs| runs.get(id).is_some_and(|it| it.pinned));
    let letter = move || comparison.with(|it| it.letter(id).map(String::from));
    let rename = move |text: String| archive::change(lab, id, move |runs| runs.rename(id, &text));
    view! {
        <tr>
            <td>
                <input type="checkbox" aria-label=move || format!("Compare {}", name.get())
                    prop:checked=move || chosen.with(|it| it.contains(&id))
                    on:change:target=move |event| archive::choose(lab, id, event.target().checked())/>
                <b>{letter}</b>
            </td>
            <th scope="row">
                <input type="text" aria-label="Name of the run" autocomplete="off" prop:value=name
                    on:change:target=move |event| {
                        rename(event.target().value());
                        // What was not taken is shown as what it became.
                        event.target().set_value(&name.try_get_untracked().unwrap_or_default());
                    }/>
            </th>
            <td title=row.engine>{finished(record.when)}</td>
            <td>{row.method}</td>
            // Where there is no room for the heads the cells have them.
            <td data-head={HEAD[4]}>{row.seed}</td>
            <td data-head={HEAD[5]}>
                <span class=row.tone.word() title=row.verdict aria-hidden="true">{row.tone.glyph()}" "</span>
                <span class="hidden">{row.verdict}", "</span>
                {row.cross}
            </td>
            <td data-head={HEAD[6]}>{row.own}</td>
            <td data-head={HEAD[7]}>{row.stored}</td>
            <td data-head={HEAD[8]}>{row.seconds}</td>
            <td>
                <button type="button" class="quiet" title="Show what was recorded of it"
                    disabled=move || !runs.with(|runs| runs.has_events(id))
                    on:click=move |_| archive::open(lab, id)>"Open"</button>
                <button type="button" class="quiet" title="Train it again, from its settings"
                    on:click=move |_| run::run_again(lab, id)>"Run again"</button>
                <button type="button" class="quiet" title="Keep it until it is removed" aria-pressed=move || pinned().to_string()
                    on:click=move |_| archive::change(lab, id, move |runs| runs.pin(id))>
                    {move || if pinned() { "\u{2713} Pinned" } else { "Pin" }}
                </button>
                <button type="button" class="quiet" on:click=move |_| {
                    archive::remove(lab, id);
                    removed.run(());
                }>"Remove"</button>
            </td>
        </tr>
    }
    .into_any()
}

/// Day and time where the reader is.
fn finished(when: f64) -> String {
    let date = js_sys::Date::new(&when.into());
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// The chosen runs side by side.
#[component]
fn Compare(
    /// The shared state.
    lab: Lab,
    /// What they are and where they differ.
    comparison: Memo<Comparison>,
    /// By which score.
    metric: RwSignal<Metric>,
) -> impl IntoView {
    view! {
        <section class="compare" aria-label="Comparison">
            <div class="settings">
                <h3>"Settings that differ"</h3>
                {move || comparison.with(settings)}
            </div>
            <Scores comparison metric/>
            <Plane lab comparison metric/>
        </section>
    }
    .into_any()
}
