//! What the reader looks at: a stage, a query, some items.

use leptos::prelude::*;
use protocol::Scenario;

use super::settings::Settings;
use super::tape::Tape;
use crate::view::chrome::operations::Operation;
use crate::view::instruments::curves::Kind;
use crate::view::instruments::strips::{Filter, Queries};
use crate::view::upgrade::Upgrade;

/// What the reader looks at. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Focus {
    /// Stage picked in the timeline, from 0.
    pub stage: ReadSignal<usize>,
    set_stage: WriteSignal<usize>,
    /// Stage that the picked one is to be held against, from 1, where it goes on from several.
    replaced: RwSignal<Option<u8>>,
    /// The upgrade under discussion.
    pub upgrade: Memo<Upgrade>,
    /// What was done with its index.
    pub operation: ReadSignal<Operation>,
    set_operation: WriteSignal<Operation>,
    /// Items selected on the map, sorted.
    pub selection: ReadSignal<Vec<u16>>,
    set_selection: WriteSignal<Vec<u16>>,
    /// Which queries the strips step through.
    pub filter: ReadSignal<Filter>,
    set_filter: WriteSignal<Filter>,
    /// Which curves there are.
    pub curves: ReadSignal<Kind>,
    set_curves: WriteSignal<Kind>,
    /// Item picked as query.
    pub picked: ReadSignal<Option<u16>>,
    set_picked: WriteSignal<Option<u16>>,
    /// Queries of the live sample.
    pub queries: Memo<Queries>,
    /// The query on show: the picked one, else the first.
    pub query: Memo<Option<u16>>,
}

impl Focus {
    /// On the last upgrade, with nothing picked.
    pub fn new(tape: Tape, settings: Settings) -> Self {
        let (log, draft) = (tape.log, settings.draft);
        let (stage, set_stage) = signal(1usize);
        let replaced = RwSignal::new(None);
        let upgrade = Memo::new(move |_| {
            let wanted = u8::try_from(stage.get() + 1).unwrap_or(u8::MAX).max(2);
            let of = |scenario: &Scenario| {
                Upgrade::from(scenario, wanted.min(Upgrade::last(scenario).new.stage), replaced.get())
            };
            log.with(|log| log.scenario.as_ref().map(of)).unwrap_or_else(|| draft.with(of))
        });
        let (operation, set_operation) = signal(Operation::default());
        let (selection, set_selection) = signal(Vec::new());
        let (filter, set_filter) = signal(Filter::All);
        let (curves, set_curves) = signal(Kind::Retrieval);
        let (picked, set_picked) = signal(None);
        let queries = Memo::new(move |_| {
            log.with(|log| selection.with(|selection: &Vec<u16>| Queries::of(log, &upgrade.get(), selection)))
        });
        let query = Memo::new(move |_| {
            picked.get().or_else(|| queries.with(|queries| queries.passing(Filter::All).first().copied()))
        });
        Self {
            stage,
            set_stage,
            replaced,
            upgrade,
            operation,
            set_operation,
            selection,
            set_selection,
            filter,
            set_filter,
            curves,
            set_curves,
            picked,
            set_picked,
            queries,
            query,
        }
    }

    /// Picks a stage, from 0.
    pub fn set_stage(self, stage: usize) {
        self.set_stage.set(stage);
        self.replaced.set(None);
    }

    /// Picks which of several models, by its stage from 1, the one under discussion replaces.
    pub fn replace(self, old: u8) {
        self.replaced.set(Some(old));
    }

    /// Does something with the index.
    pub fn operate<T>(self, act: impl FnOnce(&mut Operation) -> T) {
        self.set_operation.update(|operation| {
            act(operation);
        });
    }

    /// Selects these items, sorted; with none, the strips step through all queries if they stepped through the selected ones.
    pub fn select(self, items: Vec<u16>) {
        if items.is_empty() && self.filter.get_untracked() == Filter::Selected {
            self.set_filter(Filter::All);
        }
        self.set_selection.set(items);
    }

    /// Forgets what was picked and selected, which is of other items.
    pub fn forget(self) {
        self.set_picked.set(None);
        self.select(Vec::new());
    }

    /// Chooses which queries the strips step through.
    pub fn set_filter(self, filter: Filter) {
        self.set_filter.set(filter);
    }

    /// Chooses which curves there are.
    pub fn set_curves(self, kind: Kind) {
        self.set_curves.set(kind);
    }

    /// Picks an item as query.
    pub fn pick(self, item: u16) {
        self.set_picked.set(Some(item));
    }
}
