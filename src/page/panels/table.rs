//! What draws each panel of the table in [`instrument`](crate::view::chrome::instrument), and where on the page it stands. Matrix, strips
//! and curves are in the first program; the map loads right after it, the others when they are first shown.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::curves::CurvesPanel;
use super::exhibits::ExhibitsPanel;
use super::map::MapPanel;
use super::matrix::MatrixPanel;
use super::numbers::NumbersPanel;
use super::strips::StripsPanel;
use super::tables::TablesPanel;
use crate::page::browser::late::{Part, late};
use crate::page::state::Lab;
use crate::view::chrome::arrangement::Arrangement;
use crate::view::chrome::instrument::Instrument;

/// The panels in their places, and after them one that is enlarged without having a place.
#[component]
pub fn Panels(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let place = move |at: usize| {
        let shown = Memo::new(move |_| lab.panels.get().at(at));
        move || shown.get().map(|it| panel(lab, it))
    };
    let beyond = Memo::new(move |_| lab.look.enlarged.get().filter(|it| !lab.panels.get().holds(*it)));
    view! {
        {(0..Arrangement::PLACES).map(place).collect_view()}
        {move || beyond.get().map(|it| panel(lab, it))}
    }
    .into_any()
}

fn panel(lab: Lab, which: Instrument) -> AnyView {
    match which {
        Instrument::Matrix => view! { <MatrixPanel lab/> }.into_any(),
        Instrument::Strips => view! { <StripsPanel lab/> }.into_any(),
        Instrument::Curves => view! { <CurvesPanel lab/> }.into_any(),
        Instrument::Map => late(map(), lab),
        Instrument::Tables => late(tables(), lab),
        Instrument::Numbers => late(numbers(), lab),
        Instrument::Exhibits => late(exhibits(), lab),
    }
}

#[wasm_split(live, fallible)]
fn map() -> Part<Lab> {
    Ok(|lab| view! { <MapPanel lab/> }.into_any())
}

#[wasm_split(later, fallible)]
fn tables() -> Part<Lab> {
    Ok(|lab| view! { <TablesPanel lab/> }.into_any())
}

#[wasm_split(later, fallible)]
fn numbers() -> Part<Lab> {
    Ok(|lab| view! { <NumbersPanel lab/> }.into_any())
}

#[wasm_split(later, fallible)]
fn exhibits() -> Part<Lab> {
    Ok(|lab| view! { <ExhibitsPanel lab/> }.into_any())
}
