//! The ledger of newly broken and newly fixed queries.

use leptos::prelude::*;

use super::badge::badge;
use super::controls::Switch;
use super::term::term;
use super::thumbnail::Thumbnail;
use crate::page::state::Lab;
use crate::view::instruments::ledger::{Entry, Ledger};
use crate::view::instruments::strips::Filter;
use crate::view::terms::Term;

/// Every changed query as a row that picks it.
#[component]
pub fn LedgerTab(
    /// The shared state.
    lab: Lab,
    /// Shows queries of this class only.
    class: RwSignal<Option<u8>>,
) -> impl IntoView {
    let ledger = Memo::new(move |_| {
        let (upgrade, filter, class) = (lab.focus.upgrade.get(), lab.focus.filter.get(), class.get());
        lab.tape.log.with(|log| lab.focus.queries.with(|queries| Ledger::of(log, &upgrade, queries, filter, class)))
    });
    let filters = Filter::ALL.map(|filter| {
        let count = move || ledger.with(|ledger| ledger.count(filter));
        (filter, Signal::derive(move || format!("{} {}", filter.label(), count())))
    });
    let names = Memo::new(move |_| lab.tape.log.with(|log| log.class_names.clone()));
    let option = move |(this, name): (u8, String)| {
        view! { <option value=this.to_string() prop:selected=move || class.get() == Some(this)>{name}</option> }
    };
    let caption = move || ledger.with(|ledger| ledger.caption(lab.focus.filter.get()));
    view! {
        <div class="filters">
            <Switch label="Changes" options=filters.to_vec() value=lab.focus.filter
                set=SignalSetter::map(move |filter| lab.focus.set_filter(filter))/>
            <select class="menu-select" aria-label="Class" on:change:target=move |event| class.set(event.target().value().parse().ok())>
                <option value="" prop:selected=move || class.get().is_none()>"all classes"</option>
                {move || (0..).zip(names.get()).map(option).collect_view()}
            </select>
        </div>
        {move || if ledger.with(|ledger| ledger.entries.is_empty()) {
            view! { <p class="empty">"Queries whose best item an upgrade turns from right to wrong, or back, are listed here."</p> }.into_any()
        } else {
            view! {
                <div class="scroll" tabindex="0" role="region" aria-label="Changed queries">
                    <table class="ledger">
                        <caption>{caption}</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Query"</th>
                                <th scope="col">{term(Term::Nfr, "Change")}</th>
                                <th scope="col">{term(Term::Impostor, "Impostor")}</th>
                                <th scope="col">{term(Term::Turned, "Step")}</th>
                            </tr>
                        </thead>
                        <tbody>{move || ledger.get().entries.into_iter().map(|entry| row(lab, entry)).collect_view()}</tbody>
                    </table>
                </div>
            }.into_any()
        }}
    }
    .into_any()
}

fn row(lab: Lab, entry: Entry) -> impl IntoView {
    let Entry { query, class, change, step, impostor, mistaken_for } = entry;
    let picked = move || lab.focus.query.get() == Some(query);
    let step = step.map_or("\u{2013}".to_owned(), |step| step.to_string());
    view! {
        <tr class:picked=picked>
            <th scope="row">
                <button type="button" aria-pressed=move || picked().to_string() on:click=move |_| lab.focus.pick(query)>
                    {item(lab, query, "Query", class)}
                </button>
            </th>
            <td>{badge(change)}</td>
            <td><span class="impostor">{item(lab, impostor, "Impostor", mistaken_for)}</span></td>
            <td>{step}</td>
        </tr>
    }
}

/// An item with its picture, class and id.
fn item(lab: Lab, item: u16, part: &str, class: String) -> impl IntoView + use<> {
    let label = Signal::stored(part.to_owned());
    view! {
        <Thumbnail lab item=Signal::stored(Some(item)) label=label/>
        <span>{class}" "<span class="item">{item}</span></span>
    }
}
