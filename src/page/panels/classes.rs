//! The verdict class by class.

use leptos::prelude::*;

use super::term::{head, termed};
use crate::page::state::Lab;
use crate::view::draw::format;
use crate::view::instruments::classes::{ClassRow, ClassTable};

/// A row per class; pressing one shows its queries.
#[component]
pub fn ClassesTab(
    /// The shared state.
    lab: Lab,
    /// Called with a class that was pressed.
    pick: Callback<u8>,
) -> impl IntoView {
    let table = Memo::new(move |_| {
        let upgrade = lab.focus.upgrade.get();
        lab.tape.log.with(|log| lab.focus.queries.with(|queries| ClassTable::of(log, &upgrade, queries)))
    });
    move || {
        let ClassTable { rows, queries } = table.get();
        if rows.is_empty() {
            return view! { <p class="empty">"What the upgrade does to each class appears here once something was measured."</p> }
                .into_any();
        }
        let caption = format!(
            "mAP in points over {} queries. \u{2713} new/old better than old/old, \u{2717} not. A class shows its queries.",
            format::count(queries as u64)
        );
        let names = ["Class", "old/old", "new/old", "new/new", "new/old \u{2212} old/old", "broken", "fixed"];
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Verdicts by class">
                <table class="classes">
                    <caption>{termed(&caption)}</caption>
                    <thead><tr>{names.map(head).collect_view()}</tr></thead>
                    <tbody>{rows.into_iter().map(|class| row(class, pick)).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}

fn row(row: ClassRow, pick: Callback<u8>) -> impl IntoView {
    let (style, mark, spoken) = match row.passes() {
        Some(true) => ("better", "\u{2713} ", "passes, "),
        Some(false) => ("worse", "\u{2717} ", "fails, "),
        None => ("", "", ""),
    };
    let score = |map: Option<f64>| view! { <td>{map.map_or("\u{2013}".to_owned(), format::points)}</td> };
    let class = row.class;
    view! {
        <tr>
            <th scope="row">
                <button type="button" title="Its queries in the ledger" on:click=move |_| pick.run(class)>{row.name}</button>
                {row.new.then(|| view! { <span class="item">" new class"</span> })}
            </th>
            {row.map.map(score).collect_view()}
            <td class=style>
                <span class="hidden">{spoken}</span>
                <span aria-hidden="true">{mark}</span>
                {row.difference.map(format::signed_points)}
            </td>
            <td>{row.broken}</td>
            <td>{row.fixed}</td>
        </tr>
    }
}
