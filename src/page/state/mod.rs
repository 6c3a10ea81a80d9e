//! The state of the page: plain signals, each with one writer.

use leptos::prelude::*;
use protocol::{Catalogue, EngineChoice, EngineReport, ModelId, RunLog, Scenario};

use super::archive::Archive;
use super::engine_client::EngineClient;
use super::images::Sheet;
use super::interrupted::Interrupted;
use super::overlay::Overlay;
use super::sweep::Sweeps;
use super::tape::Tape;
use super::theme::ThemeChoice;
use crate::view::actions::{Action, Situation};
use crate::view::hidden::Hidden;
use crate::view::history::History;
use crate::view::hot::{Difference, difference};
use crate::view::instrument::Instrument;
use crate::view::operations::Operation;
use crate::view::strips::{Filter, Queries};
use crate::view::theme::Palette;
use crate::view::tour::Place;
use crate::view::transport::{FULL_SPEED, can_run};
use crate::view::upgrade::Upgrade;

/// Everything that components share. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Lab {
    /// What is known of the run on show, at the moment on show.
    pub log: RwSignal<RunLog>,
    /// The way through it, and the reader's own run where another is on show.
    pub tape: Tape,
    /// What can be chosen; empty until a worker said hello.
    pub catalogue: RwSignal<Catalogue>,
    /// The scenario in the form.
    pub draft: RwSignal<Scenario>,
    /// The scenario that the worker holds.
    pub prepared: RwSignal<Option<Scenario>>,
    /// Whether the run goes on by itself.
    pub playing: RwSignal<bool>,
    /// Whether a worker listens.
    pub connected: RwSignal<bool>,
    /// Whether an import is under way, so that the next run that starts is its.
    pub importing: RwSignal<bool>,
    /// The engine in use.
    pub engine: RwSignal<Option<EngineReport>>,
    /// The engine asked for.
    pub engine_choice: RwSignal<EngineChoice>,
    /// Why the automatic choice of the engine went as it did; empty if it was not automatic.
    pub engine_note: RwSignal<String>,
    /// Stop of the speed slider.
    pub pace: RwSignal<usize>,
    /// Messages that can be dismissed.
    pub notices: RwSignal<Vec<Notice>>,
    /// What keeps the run from going on.
    pub fault: RwSignal<Option<PageFault>>,
    /// Item picked as query.
    pub picked: RwSignal<Option<u16>>,
    /// Which queries the strips step through.
    pub filter: RwSignal<Filter>,
    /// Items selected on the map, sorted.
    pub selection: RwSignal<Vec<u16>>,
    /// Stage picked in the timeline, from 0.
    pub stage: RwSignal<usize>,
    /// The upgrade under discussion.
    pub upgrade: Memo<Upgrade>,
    /// What was done with its index.
    pub operation: RwSignal<Operation>,
    /// Queries of the live sample.
    pub queries: Memo<Queries>,
    /// The query on show: the picked one, else the first.
    pub query: Memo<Option<u16>>,
    /// Whether the reader's own run has taken a step.
    pub begun: Memo<bool>,
    /// What the form asks of the run under way.
    pub difference: Memo<Difference>,
    /// The theme asked for.
    pub theme: RwSignal<ThemeChoice>,
    /// Whether the system is dark.
    pub system_dark: RwSignal<bool>,
    /// Settings as they were, for undo and redo.
    pub history: RwSignal<History<Scenario>>,
    /// Which controls are hidden.
    pub hidden: RwSignal<Hidden>,
    /// The instrument that has all the room.
    pub enlarged: RwSignal<Option<Instrument>>,
    /// The place in a tour, while there is one.
    pub tour: RwSignal<Option<Place>>,
    /// What lies over the page.
    pub overlay: RwSignal<Option<Overlay>>,
    /// Finished runs that are kept.
    pub archive: Archive,
    /// Several runs at once.
    pub sweeps: Sweeps,
    /// The run under way, as it is kept.
    pub interrupted: Interrupted,
    /// What can be done now.
    pub situation: Memo<Situation>,
    /// The test images.
    pub images: RwSignal<Option<Sheet>, LocalStorage>,
    /// Whether they are those of the run on show.
    pub pictured: Memo<bool>,
    /// How many messages there were.
    said: StoredValue<u32>,
    /// How many sets of test images have come.
    pub images_asked: StoredValue<u32>,
    /// The way to the worker.
    pub client: StoredValue<EngineClient, LocalStorage>,
}

/// A message that can be dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Tells it from others.
    pub id: u32,
    /// One sentence.
    pub text: String,
    /// Whether something went wrong, rather than only differently.
    pub alarming: bool,
    /// What can be done about it.
    pub actions: Vec<Action>,
}

/// Something that the run cannot go on after.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFault {
    /// A few words.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do, in a sentence.
    pub advice: String,
    /// What the button does.
    pub remedy: Remedy,
}

/// The way on after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Start another worker.
    Restart,
    /// Start another worker on the CPU.
    UseCpu,
    /// Load the page again.
    Reload,
    /// Close the message and change the settings.
    Close,
}

impl Lab {
    /// Fresh state, within the current reactive owner.
    pub fn new() -> Self {
        let log = RwSignal::new(RunLog::default());
        let draft = RwSignal::new(Scenario::default());
        let prepared = RwSignal::new(None::<Scenario>);
        let catalogue = RwSignal::new(Catalogue::default());
        let stage = RwSignal::new(1usize);
        let picked = RwSignal::new(None);
        let tape = Tape::new(log);
        let begun = Memo::new(move |_| tape.with_own(|log| !log.models.is_empty() || !log.matrix.is_empty()));
        let upgrade = Memo::new(move |_| {
            let last = |scenario: &Scenario| Upgrade::last(scenario);
            let limit = log.with(|log| log.scenario.as_ref().map(last)).unwrap_or_else(|| draft.with(last));
            let wanted = u8::try_from(stage.get() + 1).unwrap_or(u8::MAX).max(2);
            if wanted < limit.new.stage { Upgrade::to_stage(wanted) } else { limit }
        });
        let selection = RwSignal::new(Vec::new());
        let queries = Memo::new(move |_| {
            log.with(|log| selection.with(|selection: &Vec<u16>| Queries::of(log, &upgrade.get(), selection)))
        });
        let query = Memo::new(move |_| {
            picked.get().or_else(|| queries.with(|queries| queries.passing(Filter::All).first().copied()))
        });
        let (connected, engine_choice) = (RwSignal::new(false), RwSignal::new(EngineChoice::Auto));
        let interrupted = Interrupted::new();
        let (filter, history) = (RwSignal::new(Filter::All), RwSignal::new(History::default()));
        let situation = Memo::new(move |_| Situation {
            connected: connected.get(),
            can_run: tape.with_own(can_run),
            trained: tape.with_own(|log| log.models.values().any(|model| model.trained.is_some())),
            queries: queries.with(|queries| !queries.passing(filter.get()).is_empty()),
            filter: filter.get(),
            engine: engine_choice.get(),
            earlier: tape.moments.get() > 1 && tape.cursor.get() != Some(0),
            later: tape.cursor.get().is_some(),
            selected: selection.with(|selection| !selection.is_empty()),
            undo: history.with(History::can_undo),
            redo: history.with(History::can_redo),
            interrupted: interrupted.offered.get(),
        });
        Self {
            log,
            tape,
            catalogue,
            draft,
            prepared,
            playing: RwSignal::new(false),
            connected,
            importing: RwSignal::new(false),
            engine: RwSignal::new(None),
            engine_choice,
            engine_note: RwSignal::new(String::new()),
            pace: RwSignal::new(FULL_SPEED),
            notices: RwSignal::new(Vec::new()),
            fault: RwSignal::new(None),
            picked,
            filter,
            selection,
            stage,
            upgrade,
            operation: RwSignal::new(Operation::default()),
            queries,
            query,
            begun,
            difference: Memo::new(move |_| {
                prepared.with(|held| match held {
                    Some(held) if begun.get() => {
                        let log = |log: &RunLog| {
                            draft.with(|draft| catalogue.with(|known| difference(held, draft, known, log)))
                        };
                        tape.with_own(log)
                    }
                    held if draft.with(|draft| held.as_ref() == Some(draft)) => Difference::Nothing,
                    _ => Difference::Reset,
                })
            }),
            theme: RwSignal::new(super::theme::stored()),
            system_dark: RwSignal::new(super::theme::system_is_dark()),
            history,
            hidden: RwSignal::new(super::link::hidden()),
            enlarged: RwSignal::new(super::link::enlarged()),
            tour: RwSignal::new(super::link::tour()),
            overlay: RwSignal::new(None),
            archive: Archive::new(),
            sweeps: Sweeps::new(),
            interrupted,
            situation,
            images: RwSignal::new_local(None),
            pictured: Memo::new(move |_| {
                let source = |scenario: &Scenario| (scenario.data.clone(), scenario.seed);
                prepared
                    .with(|prepared| log.with(|log| log.scenario.as_ref().map(source) == prepared.as_ref().map(source)))
            }),
            said: StoredValue::new(0),
            images_asked: StoredValue::new(0),
            client: StoredValue::new_local(EngineClient::default()),
        }
    }

    /// Selects these items, sorted; with none, the strips step through all queries if they stepped through the selected ones.
    pub fn select(&self, items: Vec<u16>) {
        if items.is_empty() && self.filter.get_untracked() == Filter::Selected {
            self.filter.set(Filter::All);
        }
        self.selection.set(items);
    }

    /// Colours of what is drawn.
    pub fn palette(&self) -> Palette {
        Palette::of(match self.theme.get() {
            ThemeChoice::System => self.system_dark.get(),
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        })
    }

    /// Shows a message that can be dismissed. The same sentence is not shown twice.
    pub fn notice(&self, text: impl Into<String>, alarming: bool) {
        self.say(text.into(), alarming, Vec::new());
    }

    /// Shows a message with what can be done about it.
    pub fn offer(&self, text: String, actions: Vec<Action>) {
        self.say(text, false, actions);
    }

    fn say(&self, text: String, alarming: bool, actions: Vec<Action>) {
        // Some who say something are done when the page is gone.
        self.notices.try_update(|notices| {
            if notices.iter().all(|notice| notice.text != text) {
                // Never that of one before, which the page may still show.
                let id = self.said.try_get_value().unwrap_or_default();
                self.said.try_set_value(id + 1);
                notices.push(Notice { id, text, alarming, actions });
            }
        });
    }

    /// Takes a message back.
    pub fn unsay(&self, text: &str) {
        self.notices.update(|notices| notices.retain(|notice| notice.text != text));
    }

    /// Takes back messages that offer an action.
    pub fn withdraw(&self, action: Action) {
        if self.notices.with_untracked(|notices| notices.iter().any(|notice| notice.actions.contains(&action))) {
            self.notices.update(|notices| notices.retain(|notice| !notice.actions.contains(&action)));
        }
    }

    /// The model in training, else the last one of the plan that has losses.
    pub fn current_model(&self) -> ModelId {
        self.log.with(|log| {
            let planned = log.phase.and_then(|phase| log.plan.get(phase)).map(|phase| phase.model);
            planned.unwrap_or(ModelId::deployed(1))
        })
    }
}
