//! Everything that can be asked for. Buttons, keys, the command palette and the list of shortcuts all read this one table.

use protocol::{EngineChoice, UpgradeKind};

use super::arrangement::Offer;
use super::chord::Chord::{self, Command, Plain, ShiftCommand};
use super::chord::Press;
use super::instrument::Instrument;
use super::tour::Tour;
use super::weights::Weights;
use crate::view::instruments::strips::Filter;

/// Something that a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start or stop the run.
    PlayPause,
    /// One training step, then pause.
    StepBatch,
    /// To the end of the epoch, then pause.
    StepEpoch,
    /// To the end of the model in training, then pause.
    StepModel,
    /// Start over with the same seed.
    Reset,
    /// Run the scenario in the form from its start.
    RunForm,
    /// From a run that was opened back to the reader's own.
    OwnRun,
    /// Take the last change of the settings back.
    Undo,
    /// Make a change again that was taken back.
    Redo,
    /// Go on with the interrupted run.
    Resume,
    /// Throw the interrupted run away.
    Discard,
    /// End the worker and start another.
    Restart,
    /// Another seed.
    NewSeed,
    /// The next query of the strips.
    NextQuery,
    /// The query before.
    PreviousQuery,
    /// Any query.
    RandomQuery,
    /// The moment of the run before the one on show.
    PreviousMoment,
    /// The moment after it.
    NextMoment,
    /// The newest moment.
    Newest,
    /// Which queries the strips step through.
    Queries(Filter),
    /// Select nothing on the map.
    ClearSelection,
    /// Another engine.
    Engine(EngineChoice),
    /// Save every trained model.
    ExportAll,
    /// Bring exported models back.
    Import,
    /// Begin the import of own data that is under way again.
    ImportAgain,
    /// Give up the import of own data that is under way.
    CancelImport,
    /// A link to the scenario.
    CopyLink,
    /// A link to the scenario that shows the instruments alone.
    CopyBareLink,
    /// Hide what is not an instrument, or show it again.
    Controls,
    /// Give an instrument all the room, or take it back.
    Enlarge(Instrument),
    /// Next theme: system, light, dark.
    Theme,
    /// Show or hide the library.
    Library,
    /// Show or hide the kept runs.
    Runs,
    /// Show or hide what starts several runs at once.
    Sweep,
    /// Show or hide what decides between two embedding models.
    Decide,
    /// Give up the decision under way.
    CancelDecision,
    /// Show or hide what searches for a picture of the reader's own.
    OwnQuery,
    /// Begin a tour, or go on with it.
    Tour(Tour),
    /// Go to the article below the instruments.
    Article,
    /// Open or close the command palette.
    Palette,
    /// Show or hide the list of shortcuts.
    Help,
}

/// What decides whether an action can be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Whether a worker listens.
    pub connected: bool,
    /// Whether there is anything left to run, or the form is of another run than the one that is over.
    pub can_run: bool,
    /// Where the weights of the run on show are.
    pub weights: Weights,
    /// Whether there are queries that pass the filter.
    pub queries: bool,
    /// Whether galleries hold pictures, in which another can be searched for.
    pub pictures: bool,
    /// The filter of the strips.
    pub filter: Filter,
    /// The engine asked for.
    pub engine: EngineChoice,
    /// Whether there is a moment before the one on show.
    pub earlier: bool,
    /// Whether an earlier moment than the newest is on show.
    pub later: bool,
    /// Whether items are selected.
    pub selected: bool,
    /// Whether a change can be taken back.
    pub undo: bool,
    /// Whether a change can be made again.
    pub redo: bool,
    /// Whether another run is on show than the reader's own, which has begun.
    pub own_waits: bool,
    /// Whether an interrupted run is kept that can go on.
    pub interrupted: bool,
    /// Whether own data are being imported.
    pub importing: bool,
    /// Whether it is being decided between two embedding models.
    pub deciding: bool,
    /// The panels for which the run on show has something.
    pub offer: Offer,
    /// The panel that has all the room.
    pub enlarged: Option<Instrument>,
    /// Whether there is a method of each kind of change, in the order of all kinds.
    pub kinds: [bool; UpgradeKind::ALL.len()],
}

struct Row {
    label: &'static str,
    description: &'static str,
    chords: &'static [Chord],
}

const fn row(label: &'static str, description: &'static str, chords: &'static [Chord]) -> Row {
    Row { label, description, chords }
}

impl Action {
    /// All actions in the order of the lists.
    pub const ALL: [Self; 60] = [
        Self::PlayPause,
        Self::StepBatch,
        Self::StepEpoch,
        Self::StepModel,
        Self::Reset,
        Self::RunForm,
        Self::OwnRun,
        Self::Undo,
        Self::Redo,
        Self::Resume,
        Self::Discard,
        Self::Restart,
        Self::NewSeed,
        Self::NextQuery,
        Self::PreviousQuery,
        Self::RandomQuery,
        Self::OwnQuery,
        Self::PreviousMoment,
        Self::NextMoment,
        Self::Newest,
        Self::Queries(Filter::All),
        Self::Queries(Filter::Broken),
        Self::Queries(Filter::Fixed),
        Self::Queries(Filter::Selected),
        Self::ClearSelection,
        Self::Engine(EngineChoice::Auto),
        Self::Engine(EngineChoice::Cpu),
        Self::Engine(EngineChoice::Webgpu),
        Self::ExportAll,
        Self::Import,
        Self::ImportAgain,
        Self::CancelImport,
        Self::CopyLink,
        Self::CopyBareLink,
        Self::Controls,
        Self::Enlarge(Instrument::Matrix),
        Self::Enlarge(Instrument::Strips),
        Self::Enlarge(Instrument::Curves),
        Self::Enlarge(Instrument::Map),
        Self::Enlarge(Instrument::Tables),
        Self::Enlarge(Instrument::Numbers),
        Self::Enlarge(Instrument::Exhibits),
        Self::Theme,
        Self::Library,
        Self::Runs,
        Self::Sweep,
        Self::Decide,
        Self::CancelDecision,
        Self::Tour(Tour::Breaks),
        Self::Tour(Tour::Method),
        Self::Tour(Tour::Operation),
        Self::Tour(Tour::Of(UpgradeKind::Stream)),
        Self::Tour(Tour::Of(UpgradeKind::Merge)),
        Self::Tour(Tour::Of(UpgradeKind::Unlearn)),
        Self::Tour(Tour::Of(UpgradeKind::Adapt)),
        Self::Tour(Tour::Of(UpgradeKind::Sequence)),
        Self::Tour(Tour::Of(UpgradeKind::Generate)),
        Self::Article,
        Self::Palette,
        Self::Help,
    ];

    fn row(self) -> Row {
        match self {
            Self::PlayPause => row("Play or pause", "Run to the end, or pause", &[Plain(" ")]),
            Self::StepBatch => row("Step batch", "One training step, then pause", &[Plain("."), Plain("arrowright")]),
            Self::StepEpoch => row("Step epoch", "To the end of the epoch, then pause", &[Plain("e")]),
            Self::StepModel => row("Step model", "To the end of this model, then pause", &[Plain("m")]),
            Self::Reset => row("Reset", "Start over; the same seed replays the same run", &[Plain("r")]),
            Self::RunForm => row("Run these settings", "Run the scenario in the form from its start", &[]),
            Self::OwnRun => row("Back to your run", "From a run that was opened to the one that waits", &[]),
            Self::Undo => row("Undo", "Take the last change of the settings back; training stays", &[Command("z")]),
            Self::Redo => {
                row("Redo", "Change the settings again as before the undo", &[ShiftCommand("z"), Command("y")])
            }
            Self::Resume => row("Resume", "Go on with the interrupted run", &[]),
            Self::Discard => row("Discard", "Throw the interrupted run away", &[]),
            Self::Restart => {
                row("Start the engine again", "For one that hangs: the run goes on from where it was last kept", &[])
            }
            Self::NewSeed => row("New seed", "Another seed gives another run of the same scenario", &[Plain("n")]),
            Self::NextQuery => row("Next query", "The next query of the retrieval strips", &[Plain("j")]),
            Self::PreviousQuery => row("Previous query", "The query before in the retrieval strips", &[Plain("k")]),
            Self::RandomQuery => row("Random query", "Any query of the retrieval strips", &[]),
            Self::OwnQuery => {
                row("Own picture", "Draw, paste or drop a picture and see what each model finds", &[Plain("q")])
            }
            Self::PreviousMoment => row("Previous moment", "Look back at the run by one moment", &[Plain("[")]),
            Self::NextMoment => row("Next moment", "From a moment of the run to the one after it", &[Plain("]")]),
            Self::Newest => row("Newest moment", "From looking back to the newest moment of the run", &[Plain("\\")]),
            Self::Queries(Filter::All) => row("Queries: all", "Strips step through all queries of the sample", &[]),
            Self::Queries(Filter::Broken) => {
                row("Queries: newly broken", "Strips step through queries that were right before", &[])
            }
            Self::Queries(Filter::Fixed) => {
                row("Queries: newly fixed", "Strips step through queries that were wrong before", &[])
            }
            Self::Queries(Filter::Selected) => {
                row("Queries: selected", "Strips step through queries that are selected on the map", &[])
            }
            Self::ClearSelection => row("Clear selection", "Select nothing on the map", &[Plain("escape")]),
            Self::Engine(EngineChoice::Auto) => row("Engine: automatic", "The faster engine; starts the run over", &[]),
            Self::Engine(EngineChoice::Cpu) => row("Engine: CPU", "Train on the processor; starts the run over", &[]),
            Self::Engine(EngineChoice::Webgpu) => {
                row("Engine: WebGPU", "Train on the graphics card; starts the run over", &[])
            }
            Self::ExportAll => row("Export all models", "Save each trained model with its card", &[]),
            Self::Import => {
                row("Import", "Models of an export, events of a run, or your own data; or drop the files anywhere", &[])
            }
            Self::ImportAgain => row("Begin the import again", "For one that hangs: the same files, read anew", &[]),
            Self::CancelImport => row("Cancel import", "Give up the import of your own data", &[]),
            Self::CopyLink => row("Copy link", "Copy a link that restores this scenario", &[Plain("c")]),
            Self::CopyBareLink => {
                row("Copy link without controls", "For teaching: the link shows the instruments alone", &[])
            }
            Self::Controls => row("Show or hide controls", "Timeline, set-up and transport", &[Plain("h")]),
            Self::Enlarge(Instrument::Matrix) => {
                row("Enlarge matrix", "All the room for the compatibility matrix, or back", &[Plain("1")])
            }
            Self::Enlarge(Instrument::Strips) => {
                row("Enlarge strips", "All the room for the retrieval strips, or back", &[Plain("2")])
            }
            Self::Enlarge(Instrument::Curves) => {
                row("Enlarge curves", "All the room for the curves, or back", &[Plain("3")])
            }
            Self::Enlarge(Instrument::Map) => row("Enlarge map", "All the room for the map, or back", &[Plain("4")]),
            Self::Enlarge(Instrument::Tables) => {
                row("Enlarge tables", "All the room for the tables of a run that has any, or back", &[Plain("5")])
            }
            Self::Enlarge(Instrument::Numbers) => {
                row("Enlarge numbers", "All the room for the curves of other numbers, or back", &[Plain("6")])
            }
            Self::Enlarge(Instrument::Exhibits) => {
                row("Enlarge exhibits", "All the room for what the models made, or back", &[Plain("7")])
            }
            Self::Theme => row("Theme", "System, light or dark colours", &[Plain("t")]),
            Self::Library => {
                row("Library", "Every system by what it changes about a model, and by your problem", &[Plain("l")])
            }
            Self::Runs => row("Runs", "Finished runs: open, run again, compare", &[Plain("g")]),
            Self::Sweep => row("Sweep", "Several methods and seeds at once, in parallel workers", &[Plain("w")]),
            Self::Decide => row(
                "Decide",
                "Two embedding models and your own vectors: re-index, bridge, cascade or stay",
                &[Plain("d")],
            ),
            Self::CancelDecision => row("Cancel the decision", "Give up the decision between two models", &[]),
            Self::Tour(Tour::Breaks) => {
                row("Tour: what an upgrade breaks", "Matrix, strips and verdict of a recorded run", &[])
            }
            Self::Tour(Tour::Method) => {
                row("Tour: what a method buys", "The same run without a method and with one", &[])
            }
            Self::Tour(Tour::Operation) => {
                row("Tour: running the upgrade", "Deploy, backfill, cut over and roll back", &[])
            }
            Self::Tour(Tour::Of(kind)) => row(
                match kind {
                    UpgradeKind::Stream => "Tour: learning task after task",
                    UpgradeKind::Merge => "Tour: one model of several",
                    UpgradeKind::Unlearn => "Tour: unlearning",
                    UpgradeKind::Adapt => "Tour: adapting in use",
                    UpgradeKind::Sequence => "Tour: models of sequences",
                    UpgradeKind::Generate => "Tour: models that make things",
                    kind => kind.title(),
                },
                kind.about(),
                &[],
            ),
            Self::Article => {
                row("Article", "What an upgrade breaks and what may save it, below the instruments", &[Plain("a")])
            }
            Self::Palette => row("Commands", "Find everything that can be done here", &[Command("k")]),
            Self::Help => row("Shortcuts", "Show or hide this list", &[Plain("?")]),
        }
    }

    /// What stands on the button.
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        self.row().description
    }

    /// The keys that ask for it.
    pub fn chords(self) -> &'static [Chord] {
        self.row().chords
    }

    /// Whether it would do something.
    pub fn possible(self, now: &Situation) -> bool {
        match self {
            Self::PlayPause | Self::StepBatch | Self::StepEpoch | Self::StepModel => now.connected && now.can_run,
            Self::Import | Self::RunForm => now.connected,
            Self::OwnRun => now.own_waits,
            Self::ExportAll => now.weights == Weights::Here,
            Self::Undo => now.undo,
            Self::Redo => now.redo,
            Self::Resume | Self::Discard => now.interrupted,
            Self::ImportAgain | Self::CancelImport => now.importing,
            Self::CancelDecision => now.deciding,
            Self::NextQuery | Self::PreviousQuery | Self::RandomQuery => now.queries,
            Self::OwnQuery => now.pictures,
            Self::PreviousMoment => now.earlier,
            Self::NextMoment | Self::Newest => now.later,
            Self::ClearSelection => now.selected,
            Self::Queries(Filter::Selected) if !now.selected => false,
            Self::Queries(filter) => now.filter != filter,
            Self::Engine(engine) => now.engine != engine,
            Self::Tour(Tour::Of(kind)) => UpgradeKind::ALL.into_iter().zip(now.kinds).any(|it| it == (kind, true)),
            Self::Enlarge(it @ (Instrument::Tables | Instrument::Numbers | Instrument::Exhibits)) => {
                now.offer.has(it) || now.enlarged == Some(it)
            }
            // What asks no gallery will never have anything to show there.
            Self::Enlarge(it) => now.offer.is_retrieval() || now.offer.has(it) || now.enlarged == Some(it),
            _ => true,
        }
    }

    /// Whether a held key may ask for it again and again; of others it would fill the worker's queue.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            Self::StepBatch
                | Self::Undo
                | Self::Redo
                | Self::NextQuery
                | Self::PreviousQuery
                | Self::NextMoment
                | Self::PreviousMoment
        )
    }

    /// The action that a press asks for; `apple` says whose keyboard it is.
    pub fn of(press: &Press<'_>, apple: bool) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.chords().iter().any(|chord| chord.is(press, apple)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_stands_in_the_table_twice() {
        let chords: Vec<Chord> = Action::ALL.iter().flat_map(|action| action.chords().iter().copied()).collect();
        assert_eq!(chords.iter().collect::<BTreeSet<_>>().len(), chords.len(), "a chord asks for two things");
        let labels: BTreeSet<_> = Action::ALL.iter().map(|action| action.label()).collect();
        assert_eq!(labels.len(), Action::ALL.len());
    }

    #[test]
    fn a_press_asks_for_its_action() {
        let press = |key, ctrl, shift| Press { key, ctrl, shift, ..Press::default() };
        assert_eq!(Action::of(&press("R", false, true), false), Some(Action::Reset));
        assert_eq!(Action::of(&press("ArrowRight", false, false), false), Some(Action::StepBatch));
        assert_eq!(Action::of(&press("x", false, false), false), None);
        assert_eq!(Action::of(&press("k", false, false), false), Some(Action::PreviousQuery));
        assert_eq!(Action::of(&press("k", true, false), false), Some(Action::Palette));
        assert_eq!(Action::of(&press("z", true, false), false), Some(Action::Undo));
        assert_eq!(Action::of(&press("Z", true, true), false), Some(Action::Redo));
        assert_eq!(Action::of(&press("r", true, false), false), None, "reloading is the browser's");
    }

    #[test]
    fn what_can_be_done_follows_the_situation() {
        let bare = Situation::default();
        let can = |now: &Situation| Action::ALL.into_iter().filter(|action| action.possible(now)).count();
        for action in [Action::PlayPause, Action::Undo, Action::Resume, Action::NextQuery, Action::ExportAll] {
            assert!(!action.possible(&bare), "{action:?}");
        }
        let offer = Offer::of(&crate::view::testing::knowledge(), UpgradeKind::Retrain);
        let kinds = [true; UpgradeKind::ALL.len()];
        let full = Situation { connected: true, can_run: true, weights: Weights::Here, offer, kinds, ..bare };
        let full = Situation { queries: true, pictures: true, ..full };
        assert_eq!(
            can(&Situation {
                undo: true,
                redo: true,
                interrupted: true,
                own_waits: true,
                importing: true,
                deciding: true,
                earlier: true,
                later: true,
                selected: true,
                ..full
            }),
            Action::ALL.len() - 2 - 4,
            "all but the same again, and the four panels of a search index, which this run has not"
        );
        assert!(!Action::ExportAll.possible(&Situation { weights: Weights::Others, ..full }), "of another run");
        assert!(!Action::StepEpoch.possible(&Situation { connected: false, ..full }));
        assert!(Action::Reset.possible(&bare) && Action::Tour(Tour::Method).possible(&bare));
        assert!(!Action::Tour(Tour::Of(UpgradeKind::Merge)).possible(&bare), "there is nothing to merge with");
        assert!(Tour::ALL.into_iter().all(|tour| Action::ALL.contains(&Action::Tour(tour))));
        let enlarged = [Instrument::Map, Instrument::Tables].map(|it| Action::Enlarge(it).possible(&bare));
        assert_eq!(enlarged, [true, false], "what every run has, and what only some have");
        let large = Situation { enlarged: Some(Instrument::Tables), ..bare };
        assert!(Action::Enlarge(Instrument::Tables).possible(&large), "the way back");
    }
}
