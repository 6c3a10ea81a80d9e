//! Any table that the run measured, as a grid.

use leptos::prelude::*;

use super::controls::Title;
use super::matrix::name;
use super::save_menu::{Save, SaveMenu};
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;
use crate::view::instruments::grid::{self, Cell, Grid, Mark, Row};
use crate::view::instruments::grid_drawing::{DEEPEST, document};

/// The grid, with a menu where there are several tables.
#[component]
pub fn TablesPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    // None follows the first.
    let wanted = RwSignal::new(None::<String>);
    let choices = Memo::new(move |_| lab.tape.log.with(grid::choices));
    let id = Memo::new(move |_| {
        wanted.with(|id| lab.tape.log.with(|log| grid::chosen(log, id.as_deref()).map(|table| table.id.clone())))
    });
    let shown = Memo::new(move |_| {
        let of = |id: &String| lab.tape.log.with(|log| Some(Grid::of(log, log.table(id)?)));
        id.with(|id| id.as_ref().and_then(of))
    });
    let empty = Signal::derive(move || shown.with(Option::is_none));
    let file = Signal::derive(move || {
        let of = |id: &String| lab.tape.log.with(|log| Some(grid::table_csv(log, log.table(id)?)));
        id.with(|id| id.as_ref().and_then(of)).unwrap_or_default()
    });
    let picture = Signal::derive(move || {
        let palette = lab.look.palette();
        shown.with(|grid| grid.as_ref().map(|grid| document(grid, &palette)).unwrap_or_default())
    });
    let what = Signal::derive(move || format!("table-{}", id.get().unwrap_or_default()));
    let option = move |(this, title): (String, String)| {
        let own = this.clone();
        view! { <option value=this prop:selected=move || id.with(|id| id.as_ref() == Some(&own))>{title}</option> }
    };
    view! {
        <section class="panel tables" aria-labelledby="tables-title">
            <header>
                <Title lab of=Instrument::Tables/>
                <Show when=move || choices.with(|it| it.len() > 1)>
                    <select class="menu-select" aria-label="Table"
                        on:change:target=move |event| wanted.set(Some(event.target().value()))>
                        {move || choices.get().into_iter().map(option).collect_view()}
                    </select>
                </Show>
                <SaveMenu lab what options=vec![Save::Png(picture), Save::Svg(picture), Save::Csv(file)] disabled=empty/>
            </header>
            {move || match shown.get() {
                Some(grid) => full(lab, grid).into_any(),
                None => view! {
                    <p class="empty">"Tables that the run measures, as the accuracy of every model on every task, appear here."</p>
                }.into_any(),
            }}
        </section>
    }
    .into_any()
}

fn full(lab: Lab, grid: Grid) -> impl IntoView {
    let tint = if grid.judged { "judged" } else { "plain" };
    let columns = grid.columns.clone();
    let row = move |it: Row| {
        let names = (it.name.clone(), columns.clone());
        let cells = it.cells.into_iter().zip(columns.iter());
        let cells = cells.map(|(it, column)| cell(it, tint, &names.0, column)).collect_view();
        view! { <tr><th scope="row">{head(lab, it.name, it.model)}</th>{cells}</tr> }
    };
    let heads = grid.columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers of the table">
            <table>
                <caption><span><strong>{grid.title}</strong>" "{grid.caption}</span></caption>
                <thead>
                    <tr>
                        <td class="corner">{format!("{} \u{2193}", grid.row_of)}<br/>{format!("{} \u{2192}", grid.column_of)}</td>
                        {heads}
                    </tr>
                </thead>
                <tbody>{grid.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The name of a row; one that is a model shows its upgrade in all panels.
fn head(lab: Lab, text: String, model: Option<protocol::ModelId>) -> AnyView {
    let Some(model) = model else { return text.into_any() };
    let stage = usize::from(model.stage).saturating_sub(1);
    let picked = move || lab.focus.stage.get() == stage;
    view! {
        <button type="button" class="quiet" title="Shows the stage of this model everywhere"
            aria-pressed=move || picked().to_string() on:click=move |_| lab.focus.set_stage(stage)>
            {move || name(model, &lab.focus.upgrade.get())}
        </button>
    }
    .into_any()
}

fn cell(cell: Option<Cell>, tint: &'static str, row: &str, column: &str) -> AnyView {
    let Some(Cell { text, depth, mark }) = cell else {
        let title = format!("{row}, {column}: not measured");
        return view! { <td class="unmeasured" title=title>"\u{2013}"</td> }.into_any();
    };
    let (class, glyph, spoken, note) = match mark {
        Mark::None => ("", "", "", String::new()),
        Mark::Best => ("better", "\u{25b2}", "best of the column", String::new()),
        Mark::Worst => ("worse", "\u{25bc}", "worst of the column", String::new()),
        Mark::Change(Some(true), text) => ("better", "\u{25b2}", "better by ", text),
        Mark::Change(Some(false), text) => ("worse", "\u{25bc}", "worse by ", text),
        Mark::Change(None, text) => ("", "", "", text),
    };
    view! {
        <td class=tint style:--strength=format!("{:.0}%", 100.0 * DEEPEST * depth.clamp(0.0, 1.0)) title=format!("{row}, {column}")>
            <span class="value">{text}</span>
            <span class=format!("change {class}")>
                <span aria-hidden="true">{glyph}</span><span class="hidden">{spoken}</span>{note}
            </span>
        </td>
    }
    .into_any()
}
