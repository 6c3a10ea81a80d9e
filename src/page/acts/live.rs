//! What it takes to run anything oneself: the worker, the address, files, kept runs, every command. It lies in a file of its own, so
//! that a recorded run is on show before that has loaded.

use std::cell::Cell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::{archive, engine, files, intent, link, opened, run, session};
use crate::page::browser::late::renew;
use crate::page::state::{Lab, PageFault, Remedy};
use crate::view::chrome::actions::Action;
use crate::view::chrome::instrument::Instrument;

/// What the rest of the page asks of it.
pub enum Ask {
    /// Begin: listen to address and files, start a worker. The signal is true while files hover over the page.
    Begin(RwSignal<bool>),
    /// Do what a button or a key stands for.
    Act(Action),
    /// Put the second panel in the place of the first.
    Place(Instrument, Instrument),
    /// Set the speed.
    Pace(usize),
    /// Follow the way on after a fault.
    Mend(Remedy),
}

type Obey = fn(Lab, Ask);

thread_local! {
    static LOADED: Cell<Option<Obey>> = const { Cell::new(None) };
}

/// Does what is asked for, as soon as it can be done.
pub fn ask(lab: Lab, ask: Ask) {
    if let Some(obey) = LOADED.get() {
        return obey(lab, ask);
    }
    let owner = Owner::current();
    spawn_local(async move {
        match loaded().await {
            Ok(obey) => {
                LOADED.set(Some(obey));
                match owner {
                    Some(owner) => owner.with(|| obey(lab, ask)),
                    None => obey(lab, ask),
                }
            }
            Err(_) => {
                renew().await;
                lab.messages.set_fault(Some(PageFault {
                    title: "A part of the page is missing".to_owned(),
                    message: "The file with which runs are started could not be loaded.".to_owned(),
                    advice: "Look whether the network is there, then reload the page.".to_owned(),
                    remedy: Remedy::Reload,
                }));
            }
        }
    });
}

#[wasm_split(live, fallible)]
fn loaded() -> Result<Obey, SplitLoaderError> {
    Ok(obey)
}

fn obey(lab: Lab, ask: Ask) {
    match ask {
        Ask::Begin(over) => {
            files::use_drop(lab, over);
            link::use_address(lab);
            opened::use_images(lab);
            opened::use_items(lab);
            opened::use_left_out(lab);
            archive::load(lab);
            session::begin(lab);
        }
        Ask::Act(action) => intent::act(lab, action),
        Ask::Place(panel, wanted) => link::place(lab, panel, wanted),
        Ask::Pace(stop) => engine::set_pace(lab, stop),
        Ask::Mend(remedy) => run::remedy(lab, remedy),
    }
}
