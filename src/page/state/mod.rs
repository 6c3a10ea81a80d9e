//! The state of the page: signals in a few groups. Everything reads them; what a group holds is written by its own setters alone.
//!
//! It does nothing by itself and knows neither acts nor workers, nor what shows it. It is told how the page opens.

mod archive;
mod bringing;
mod deciding;
mod engine;
mod focus;
mod interrupted;
mod look;
mod messages;
mod opening;
mod own_query;
mod pictures;
mod run;
mod settings;
mod sweeps;
mod tape;

use leptos::prelude::*;
use protocol::{ItemKind, ModelId, Scenario, UpgradeKind};

pub use archive::Archive;
pub use bringing::Bringing;
pub use deciding::Deciding;
pub use engine::Engine;
pub use focus::Focus;
pub use interrupted::Interrupted;
pub use look::{Explained, Look, Overlay, Word};
pub use messages::{Messages, Notice, PageFault, Remedy};
pub use opening::{Opening, ThemeChoice};
pub use own_query::OwnQuery;
pub use pictures::{Pictures, Source};
pub use run::Run;
pub use settings::Settings;
pub use sweeps::Sweeps;
pub use tape::{Other, Tape};

use crate::view::chrome::actions::Situation;
use crate::view::chrome::arrangement::{Arrangement, Offer};
use crate::view::chrome::history::History;
use crate::view::chrome::hot::Difference;
use crate::view::chrome::transport::can_run;
use crate::view::chrome::weights::Weights;
use crate::view::instruments::strips::Queries;

/// Everything that components share. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The run on show and the way through it.
    pub tape: Tape,
    /// What can be chosen and what is.
    pub settings: Settings,
    /// The reader's own run.
    pub run: Run,
    /// The engine that it runs on.
    pub engine: Engine,
    /// What the reader looks at.
    pub focus: Focus,
    /// How the page looks.
    pub look: Look,
    /// What the page says.
    pub messages: Messages,
    /// The test images.
    pub pictures: Pictures,
    /// A picture of the reader's own that is asked for.
    pub own_query: OwnQuery,
    /// Finished runs that are kept.
    pub archive: Archive,
    /// Several runs at once.
    pub sweeps: Sweeps,
    /// The run under way, as it is kept.
    pub interrupted: Interrupted,
    /// The import of own data under way.
    pub bringing: Bringing,
    /// A decision between two embedding models.
    pub deciding: Deciding,
    /// The scenario of what is on show, settled.
    pub shown: Memo<Option<Scenario>>,
    /// The panels for which the run on show has something, whatever moment of it is on show.
    pub offer: Memo<Offer>,
    /// The panels on the page: those that a reader chose, else those that the run proposes.
    pub panels: Memo<Arrangement>,
    /// What can be done now.
    pub situation: Memo<Situation>,
}

impl Lab {
    /// Fresh state, within the current reactive owner.
    pub fn new(opening: Opening) -> Self {
        let (tape, settings, engine) = (Tape::new(), Settings::new(), Engine::new());
        let (run, focus) = (Run::new(tape, settings), Focus::new(tape, settings));
        let (interrupted, bringing, deciding) = (Interrupted::new(), Bringing::new(), Deciding::new());
        let look = Look::new(opening);
        // It stays while a run goes on: what follows from it need not be done with every event.
        let scenario = Memo::new(move |_| tape.log.with(|log| log.scenario.clone()));
        let shown = Memo::new(move |_| scenario.with(|it| it.as_ref().map(|it| settings.settled(it))));
        let kind = Memo::new(move |_| {
            settings.catalogue.with(|catalogue| {
                let shown = tape.with_newest(|log| log.scenario.as_ref().map(|scenario| catalogue.kind_of(scenario)));
                // Before anything runs, what would run.
                shown.unwrap_or_else(|| settings.draft.with(|draft| catalogue.kind_of(draft)))
            })
        });
        let kinds = Memo::new(move |_| {
            settings.catalogue.with(|catalogue| UpgradeKind::ALL.map(|kind| catalogue.kinds().any(|it| it == kind)))
        });
        let offer = Memo::new(move |_| tape.with_newest(|log| Offer::of(log, kind.get())));
        let pictured = Memo::new(move |_| {
            settings.catalogue.with(|known| {
                let dataset = |scenario: &Scenario| known.dataset(&scenario.data.dataset).map(|it| it.items);
                let of = |scenario: &Scenario| dataset(scenario) == Some(ItemKind::Pixels);
                shown.with(|shown| shown.as_ref().map(of)).unwrap_or_else(|| settings.draft.with(of))
            })
        });
        let panels = Memo::new(move |_| look.arranged.get().unwrap_or_else(|| Arrangement::proposed(offer.get())));
        let importing = Memo::new(move |_| bringing.at.with(Option::is_some));
        let decides = Memo::new(move |_| deciding.at.with(|at| at.is_working()));
        let situation = Memo::new(move |_| {
            let recorded = tape.recorded.with(Option::is_some);
            let prepared = run.prepared.with(Option::is_some);
            // A worker that was started anew has no engine until it has a run.
            let held = prepared && engine.report.with(Option::is_some);
            Situation {
                connected: engine.connected.get(),
                // What was recorded can be run here, and so can what the form has become since a run was over.
                can_run: recorded
                    || tape.with_own(can_run)
                    || (prepared && run.difference.with(|it| *it == Difference::Reset)),
                weights: tape.with_own(|log| Weights::of(recorded, held, log)),
                queries: focus.queries.with(|queries: &Queries| !queries.passing(focus.filter.get()).is_empty()),
                pictures: pictured.get() && offer.get().is_retrieval(),
                filter: focus.filter.get(),
                engine: engine.choice.get(),
                earlier: tape.moments.get() > 1 && tape.cursor.get() != Some(0),
                later: tape.cursor.get().is_some(),
                selected: focus.selection.with(|selection| !selection.is_empty()),
                undo: settings.history.with(History::can_undo),
                redo: settings.history.with(History::can_redo),
                own_waits: run.begun.get() && recorded,
                interrupted: interrupted.offered.get(),
                importing: importing.get(),
                deciding: decides.get(),
                offer: offer.get(),
                enlarged: look.enlarged.get(),
                kinds: kinds.get(),
            }
        });
        Self {
            tape,
            settings,
            run,
            engine,
            focus,
            look,
            messages: Messages::new(),
            pictures: Pictures::new(tape, shown, run, settings),
            own_query: OwnQuery::new(),
            archive: Archive::new(),
            sweeps: Sweeps::new(opening.workers),
            interrupted,
            bringing,
            deciding,
            shown,
            offer,
            panels,
            situation,
        }
    }

    /// The model in training, else the last one of the plan that has losses.
    pub fn current_model(&self) -> ModelId {
        self.tape.log.with(|log| {
            let planned = log.phase.and_then(|phase| log.plan.get(phase)).map(|phase| phase.model);
            planned.unwrap_or(ModelId::deployed(1))
        })
    }
}
