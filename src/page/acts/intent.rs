//! What a person asks for, by a button, a key or the palette.

use leptos::prelude::*;
use protocol::StepUnit;

use super::article::{self, INSTRUMENTS};
use super::{decide, edit, engine, files, interrupted, link, opened, own, query, run, theme, tour};
use crate::page::state::{Lab, Overlay};
use crate::view::chrome::actions::Action;
use crate::view::chrome::form::Target;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::history::History;
use crate::view::chrome::palette::Wish;

/// Does what was chosen from the command palette.
pub fn fulfil(lab: Lab, wish: &Wish) {
    match wish {
        Wish::Act(action) => act(lab, *action),
        Wish::Start(preset) => edit::choose_preset(lab, preset),
    }
}

/// Does what a button or a key asks for, if it can be done now.
pub fn act(lab: Lab, action: Action) {
    if !lab.situation.with_untracked(|now| action.possible(now)) {
        return;
    }
    match action {
        Action::PlayPause => run::play_or_pause(lab),
        Action::StepBatch => run::step(lab, StepUnit::Batch),
        Action::StepEpoch => run::step(lab, StepUnit::Epoch),
        Action::StepModel => run::step(lab, StepUnit::Phase),
        Action::Reset => run::reset(lab),
        Action::RunForm => {
            run::run_form(lab);
            show_results();
        }
        Action::OwnRun => opened::leave(lab),
        Action::Resume => run::resume(lab),
        Action::Discard => interrupted::forget(lab),
        Action::Restart => run::begin_again(lab),
        Action::Undo => link::walk(lab, History::undo),
        Action::Redo => link::walk(lab, History::redo),
        // A seed that a person can read out.
        Action::NewSeed => edit::commit(lab, &Target::Run("seed".to_owned()), query::below(10_000.0)),
        Action::NextQuery => query::step(lab, 1),
        Action::PreviousQuery => query::step(lab, -1),
        Action::RandomQuery => query::random(lab),
        Action::PreviousMoment | Action::NextMoment => {
            let tape = lab.tape;
            let at = tape.cursor.get_untracked().unwrap_or_else(|| tape.moments.get_untracked().saturating_sub(1));
            tape.seek(if action == Action::NextMoment { Some(at + 1) } else { at.checked_sub(1) });
        }
        Action::Newest => lab.tape.seek(None),
        Action::Queries(filter) => lab.focus.set_filter(filter),
        Action::ClearSelection => lab.focus.select(Vec::new()),
        Action::Engine(engine) => run::set_engine(lab, engine),
        Action::ExportAll => export_all(lab),
        Action::Import => files::choose(),
        Action::ImportAgain => own::again(lab),
        Action::CancelImport => own::cancel(lab),
        Action::CopyLink => link::copy(lab, lab.look.hidden.get_untracked()),
        Action::CopyBareLink => link::copy(lab, Hidden::CONTROLS),
        Action::Controls => link::show(lab, lab.look.hidden.get_untracked().toggled()),
        Action::Enlarge(it) => {
            let other = lab.look.enlarged.get_untracked() != Some(it);
            link::enlarge(lab, other.then_some(it));
            if other {
                show_results();
            }
        }
        Action::Theme => theme::next(lab),
        Action::Library => toggle(lab, Overlay::Library),
        Action::Runs => toggle(lab, Overlay::Runs),
        Action::Sweep => toggle(lab, Overlay::Sweep),
        Action::Decide => toggle(lab, Overlay::Decide),
        Action::CancelDecision => decide::cancel(lab),
        Action::OwnQuery => toggle(lab, Overlay::OwnQuery),
        Action::Tour(which) => tour::start(lab, which),
        Action::Article => article::read(lab),
        Action::Palette => toggle(lab, Overlay::Palette),
        Action::Help => toggle(lab, Overlay::Help),
    }
}

/// Downloads that browsers let through without a question.
const AT_ONCE: usize = 10;

/// Takes all trained models home.
fn export_all(lab: Lab) {
    let trained = untrack(|| {
        lab.tape.with_own(|log| {
            let models = log.models.iter().filter(|(_, model)| model.trained.is_some());
            models.map(|(id, _)| *id).collect::<Vec<_>>()
        })
    });
    // Weights and card of each.
    let files = 2 * trained.len();
    if files > AT_ONCE {
        lab.messages.notice(
            format!("{files} files are saved. Some browsers hold back more than {AT_ONCE} at a time: allow them, or export the models that are missing one by one."),
            false,
        );
    }
    trained.into_iter().for_each(|id| engine::export(lab, id));
}

/// Brings the instruments into sight: where the page is narrow they stand below the set-up.
fn show_results() {
    // Once what changes has its place.
    request_animation_frame(|| {
        if let Some(results) = gloo::utils::document().get_element_by_id(INSTRUMENTS) {
            results.scroll_into_view();
        }
    });
}

fn toggle(lab: Lab, overlay: Overlay) {
    let open = lab.look.overlay.get_untracked() == Some(overlay);
    lab.look.cover((!open).then_some(overlay));
}
