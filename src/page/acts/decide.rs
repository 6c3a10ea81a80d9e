//! A decision between two embedding models: made by a worker of its own of the reader's files, which are kept nowhere.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{DecideAnswer, DecideRequest};
use web_sys::{File, FileList};

use crate::page::browser::{files, in_words};
use crate::page::state::Lab;
use crate::page::worker::Report;
use crate::page::worker::errand::Errand;
use crate::view::chrome::actions::Action;
use crate::view::chrome::bringing::silence;
use crate::view::chrome::deciding::{Deciding, Demo, Leaf};

/// The program that decides, beside the page.
const DECIDER: &str = "decider_loader.js";

thread_local! {
    /// Which wish it is that is being fulfilled.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// The decision under way.
    static ERRAND: RefCell<Option<Errand>> = const { RefCell::new(None) };
    /// What was handed in last.
    static FILES: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
    /// The old model of that, where it was asked and said.
    static OLD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Decides about these files, in the place of those before.
pub fn bring(lab: Lab, files: Option<FileList>) {
    let all = files.iter().flat_map(|files| (0..files.length()).filter_map(|place| files.get(place)));
    let all: Vec<File> = all.collect();
    if !all.is_empty() {
        turn();
        lab.deciding.choose(None);
        FILES.set(all);
        OLD.set(None);
        again(lab);
    }
}

/// Decides about real text models, which are fetched first.
pub fn demo(lab: Lab, demo: Demo) {
    let ours = turn();
    lab.deciding.choose(Some(demo));
    FILES.set(Vec::new());
    OLD.set(Some(demo.old.to_owned()));
    drop(ERRAND.take());
    lab.deciding.set(Deciding::Working { stage: "fetching the models".to_owned(), share: 0.0 }, Vec::new());
    spawn_local(async move {
        let mut fetched = Vec::new();
        for path in demo.files() {
            fetched.push(files::beside(&path).await);
        }
        if TURN.get() != ours {
            return;
        }
        match fetched.into_iter().collect::<Result<Vec<File>, String>>() {
            Ok(files) => {
                FILES.set(files);
                again(lab);
            }
            Err(why) => end(lab, Deciding::Refused(why), Vec::new()),
        }
    });
}

/// Another turn: what was begun before is nobody's wish any more.
fn turn() -> u32 {
    TURN.set(TURN.get().wrapping_add(1));
    TURN.get()
}

/// Decides about the files that were handed in last, of which the model of this name is the old one.
pub fn take_for_old(lab: Lab, name: String) {
    OLD.set(Some(name));
    again(lab);
}

/// Decides about the files that were handed in last.
pub fn again(lab: Lab) {
    let files = FILES.with_borrow(Clone::clone);
    // Where there is one: what it would still say is of other settings.
    drop(ERRAND.take());
    lab.deciding.set(Deciding::begun(), Vec::new());
    // A file within a folder that was chosen goes by its way there.
    let name = |file: &File| match files::within(file) {
        Some(path) => path,
        None => file.name(),
    };
    let (names, old) = (files.iter().map(name).collect(), OLD.with_borrow(Clone::clone));
    let request = DecideRequest { names, old, settings: lab.deciding.settings.get_untracked() };
    ERRAND.set(Some(Errand::start(DECIDER, request, files, move |report| hear(lab, report))));
}

/// Whether files were handed in.
pub fn has_files() -> bool {
    FILES.with_borrow(|files| !files.is_empty())
}

/// Gives up the decision under way.
pub fn cancel(lab: Lab) {
    turn();
    lab.deciding.choose(None);
    end(lab, Deciding::Nothing, Vec::new());
}

fn end(lab: Lab, at: Deciding, files: Vec<Vec<u8>>) {
    drop(ERRAND.take());
    lab.messages.withdraw(Action::CancelDecision);
    lab.deciding.set(at, files);
}

fn hear(lab: Lab, report: Report<DecideAnswer>) {
    let refused = match report {
        Report::Message(answer, files) => {
            return match Deciding::of(answer) {
                None => {}
                Some(working) if working.is_working() => lab.deciding.set(working, files),
                Some(over) => end(lab, over, files),
            };
        }
        Report::Silent(true) => {
            let begun = ERRAND.with_borrow(|errand| errand.as_ref().is_some_and(Errand::has_begun));
            return lab.messages.offer(silence(begun), vec![Action::CancelDecision]);
        }
        Report::Silent(false) => return lab.messages.withdraw(Action::CancelDecision),
        // The reader was told, and decides: what it has done would be lost with it.
        Report::Lasting(_) => return,
        Report::OtherVersion => "Reload the page, which is older than its decider.".to_owned(),
        Report::Died(reason) => format!("The decider gave up. {reason}"),
    };
    end(lab, Deciding::Refused(refused), Vec::new());
}

/// Saves a file that a decision left.
pub fn save(lab: Lab, leaf: &Leaf) {
    let saved = lab.deciding.with_file(leaf.at, |bytes| files::save(&leaf.name, leaf.kind, bytes));
    if let Some(Err(error)) = saved {
        lab.messages.notice(format!("The browser refused to save {}: {}.", leaf.name, in_words(&error)), true);
    }
}
