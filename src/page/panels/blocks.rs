//! How what a model stores splits into blocks.

use leptos::prelude::*;

use super::term::{head, termed};
use crate::page::state::Lab;
use crate::view::draw::format;
use crate::view::instruments::blocks::{BlockRow, BlocksView};

/// Two bars, of dims and of energy, and what each block finds.
#[component]
pub fn BlocksTab(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let blocks = Memo::new(move |_| lab.tape.log.with(|log| BlocksView::of(log, &lab.focus.upgrade.get())));
    move || {
        let view = blocks.get();
        if view.rows.is_empty() {
            return view! { <p class="empty">{view.caption}</p> }.into_any();
        }
        let described = view.described();
        let dims: u32 = view.rows.iter().map(|row| row.dims).sum();
        let dims = bar(&view.rows, "dims", |row| f64::from(row.dims), f64::from(dims));
        let energy = bar(&view.rows, "energy", |row| row.energy, 1.0);
        let names = ["Block", "dims", "energy", "new/new alone", "with those before", "old gallery"];
        view! {
            <div class="split" role="img" aria-label=described>{dims}{energy}</div>
            <div class="scroll" tabindex="0" role="region" aria-label="Blocks of the stored vector">
                <table>
                    <caption>{termed(&view.caption)}</caption>
                    <thead><tr>{names.map(head).collect_view()}</tr></thead>
                    <tbody>{view.rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}

/// One bar, a part per block.
fn bar(rows: &[BlockRow], name: &'static str, value: fn(&BlockRow) -> f64, all: f64) -> AnyView {
    let part = |row: &BlockRow| {
        let share = value(row) / all;
        view! { <span class:new=row.new style:--share=format!("{share:.4}")>{row.name.clone()}</span> }
    };
    view! { <p><b>{name}</b>{rows.iter().map(part).collect_view()}</p> }.into_any()
}

fn row(row: BlockRow) -> impl IntoView {
    let score = |map: Option<f64>| view! { <td>{map.map_or("\u{2013}".to_owned(), format::points)}</td> };
    view! {
        <tr>
            <th scope="row">{row.name}</th>
            <td>{row.dims}</td>
            <td>{format::percent(row.energy)}</td>
            {[Some(row.alone), Some(row.through), row.cross].map(score).collect_view()}
        </tr>
    }
}
