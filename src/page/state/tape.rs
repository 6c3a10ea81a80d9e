//! What is on show of a run: its newest moment or an earlier one, of the reader's own run or of a recorded one.
//!
//! Views read one log. Where it is not that of the own run's newest moment, the logs that it stands before are kept here.

use std::time::Duration;

use leptos::prelude::*;
use protocol::{Event, ModelId, Recording, RunLog, Scenario};

use crate::page::browser::hooks::use_throttled;

/// Drawing an SVG costs milliseconds, so it is done a few times a second at most.
const REDRAW_EVERY: Duration = Duration::from_millis(250);

/// A run on show that is not the reader's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// That which ships of the preset with this id.
    Shipped(String),
    /// One that the reader opened, by its name.
    Opened(String),
}

/// The run on show and the way through it. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Tape {
    /// What is known of the run on show, at the moment on show.
    pub log: ReadSignal<RunLog>,
    set_log: WriteSignal<RunLog>,
    /// The moment on show, counted from 0; `None` for the newest.
    pub cursor: ReadSignal<Option<usize>>,
    set_cursor: WriteSignal<Option<usize>>,
    /// How many moments there are of what is on show.
    pub moments: ReadSignal<usize>,
    set_moments: WriteSignal<usize>,
    /// The recorded run on show; `None` while the reader's own is.
    pub recorded: ReadSignal<Option<Other>>,
    set_recorded: WriteSignal<Option<Other>>,
    /// Counts how often another run came on show.
    pub turn: ReadSignal<u32>,
    set_turn: WriteSignal<u32>,
    /// Counts what was asked to be on show, and what of it has yet to load.
    asked: StoredValue<(u32, Option<Other>)>,
    /// The moment that a link asks for and the scenario it is of, until that is on show with so many moments.
    wanted: StoredValue<Option<(usize, Scenario)>>,
    /// The newest moment of what is on show, while an earlier one is.
    newest: RwSignal<Option<RunLog>>,
    /// The reader's own run, while a recorded one is on show.
    own: RwSignal<Option<RunLog>>,
    own_recording: StoredValue<Recording, LocalStorage>,
    other_recording: StoredValue<Option<Recording>, LocalStorage>,
}

impl Tape {
    /// Nothing yet.
    pub fn new() -> Self {
        let (log, set_log) = signal(RunLog::default());
        let (cursor, set_cursor) = signal(None);
        let (moments, set_moments) = signal(0);
        let (recorded, set_recorded) = signal(None);
        let (turn, set_turn) = signal(0);
        Self {
            log,
            set_log,
            cursor,
            set_cursor,
            moments,
            set_moments,
            recorded,
            set_recorded,
            turn,
            set_turn,
            asked: StoredValue::new((0, None)),
            wanted: StoredValue::new(None),
            newest: RwSignal::new(None),
            own: RwSignal::new(None),
            own_recording: StoredValue::new_local(Recording::default()),
            other_recording: StoredValue::new_local(None),
        }
    }

    /// What is known of the reader's own run. Tracks.
    pub fn with_own<T>(self, read: impl FnOnce(&RunLog) -> T) -> T {
        if self.recorded.with(Option::is_some) {
            return self.own.with(|own| read(own.as_ref().unwrap_or(&RunLog::default())));
        }
        self.with_newest(read)
    }

    /// What is known at the newest moment of what is on show. Tracks.
    pub fn with_newest<T>(self, read: impl FnOnce(&RunLog) -> T) -> T {
        self.newest.with(|newest| match newest {
            Some(newest) => read(newest),
            None => self.log.with(read),
        })
    }

    /// Changes a few times a second at most while what is known grows, and at once where another run comes on show.
    pub fn redraws(self) -> Memo<(u32, u32)> {
        let tick = use_throttled(move || self.with_newest(|_| ()), REDRAW_EVERY);
        Memo::new(move |_| (tick.get(), self.turn.get()))
    }

    /// Asks for a run that has yet to load, or for what is there, in place of all that was asked for before; gives the number of the asking.
    pub fn ask(self, which: Option<Other>) -> u32 {
        let ask = |asked: &mut (u32, Option<Other>)| {
            *asked = (asked.0 + 1, which);
            asked.0
        };
        self.asked.try_update_value(ask).unwrap_or_default()
    }

    /// Whether nothing else was asked for since.
    pub fn still_asks(self, number: u32) -> bool {
        self.asked.try_with_value(|asked| asked.0 == number) == Some(true)
    }

    /// Whether this run is asked for and has yet to load.
    pub fn awaits(self, which: &Other) -> bool {
        self.asked.try_with_value(|asked| asked.1.as_ref() == Some(which)) == Some(true)
    }

    /// Takes events of the reader's own run in.
    pub fn take(self, events: Vec<Event>) {
        let recorded = self.recorded.try_get_untracked().flatten().is_some();
        if !recorded && events.iter().any(|event| matches!(event, Event::RunStarted { .. })) {
            self.set_cursor.set(None);
            self.newest.set(None);
        }
        let apply = |log: &mut RunLog| events.iter().for_each(|event| log.apply(event));
        let looking_back = self.newest.try_with_untracked(Option::is_some).unwrap_or_default();
        if recorded {
            self.own.try_update(|own| apply(own.get_or_insert_default()));
        } else if looking_back {
            self.newest.try_update(|newest| newest.as_mut().map(apply));
        } else {
            self.set_log.try_update(apply);
        }
        let moments = self.own_recording.try_update_value(|recording| {
            events.into_iter().for_each(|event| recording.push(event));
            recording.len()
        });
        if let Some(moments) = moments.filter(|_| !recorded) {
            self.set_moments.try_set(moments);
            self.go_to_wanted();
        }
    }

    /// Forgets the reader's own run; a recorded one stays on show.
    pub fn clear(self) {
        self.own_recording.set_value(Recording::default());
        if self.recorded.with_untracked(Option::is_some) {
            self.own.set(None);
        } else {
            self.rest(0);
            self.set_log.set(RunLog::default());
        }
    }

    /// Shows a moment; the newest for `None` and for any number beyond.
    pub fn seek(self, moment: Option<usize>) {
        let moment = moment.filter(|&moment| moment + 1 < self.moments.get_untracked());
        if moment.is_some() {
            self.wanted.set_value(None);
        }
        if moment == self.cursor.get_untracked() {
            return;
        }
        match moment {
            Some(moment) => {
                let then = self.with_shown(|recording| recording.at(moment));
                // Of an earlier moment the newest is kept already.
                if self.newest.with_untracked(Option::is_none) {
                    self.newest.set(Some(self.log.get_untracked()));
                }
                self.set_log.set(then);
            }
            None => {
                if let Some(newest) = self.newest.try_update(Option::take).flatten() {
                    self.set_log.set(newest);
                }
            }
        }
        self.set_cursor.set(moment);
    }

    /// Shows a recorded run at its newest moment.
    pub fn show(self, which: Other, recording: Recording) {
        self.ask(None);
        self.seek(None);
        if self.recorded.with_untracked(Option::is_none) {
            self.own.set(Some(self.log.get_untracked()));
        }
        let (log, moments) = (recording.at(usize::MAX), recording.len());
        self.other_recording.set_value(Some(recording));
        self.set_recorded.set(Some(which));
        self.rest(moments);
        self.set_log.set(log);
        self.set_turn.update(|turn| *turn += 1);
        self.go_to_wanted();
    }

    /// Goes back from a recorded run to the reader's own.
    pub fn leave(self) {
        self.ask(None);
        if self.recorded.with_untracked(Option::is_none) {
            return;
        }
        let own = self.own.try_update(Option::take).flatten().unwrap_or_default();
        self.other_recording.set_value(None);
        self.set_recorded.set(None);
        self.rest(self.own_recording.with_value(Recording::len));
        self.set_log.set(own);
        self.set_turn.update(|turn| *turn += 1);
    }

    /// The model and training step of a moment of what is on show.
    pub fn step(self, moment: usize) -> Option<(ModelId, u32)> {
        self.with_shown(|recording| recording.step(moment))
    }

    /// The moments of what is on show at which something trained, each with the model and its step.
    pub fn steps(self) -> Vec<(usize, ModelId, u32)> {
        self.with_shown(|recording| {
            let step = |moment| recording.step(moment).map(|(model, step)| (moment, model, step));
            (0..recording.len()).filter_map(step).collect()
        })
    }

    /// The last model and step that trained up to the moment on show; `None` at the newest. Tracks.
    pub fn trained(self) -> Option<(ModelId, u32)> {
        let moment = self.cursor.get()?;
        self.with_shown(|recording| (0..=moment).rev().find_map(|moment| recording.step(moment)))
    }

    /// Shows a moment of a run of this scenario as soon as there are more than that many; `None` forgets it.
    pub fn want(self, moment: Option<(usize, Scenario)>) {
        self.wanted.set_value(moment);
        self.go_to_wanted();
    }

    /// The moment on show or the one that will be, for a link; `None` for the newest.
    pub fn linked(self) -> Option<usize> {
        let wanted = self.wanted.with_value(|wanted| wanted.as_ref().map(|wanted| wanted.0));
        wanted.or_else(|| self.cursor.get_untracked())
    }

    fn go_to_wanted(self) {
        let shown = |scenario: &Scenario| self.log.with_untracked(|log| log.scenario.as_ref() == Some(scenario));
        let moment = self.wanted.with_value(|wanted| wanted.as_ref().filter(|it| shown(&it.1)).map(|it| it.0));
        if let Some(moment) = moment.filter(|moment| moment + 1 < self.moments.get_untracked()) {
            self.seek(Some(moment));
        }
    }

    /// The events of what is on show, one per line.
    pub fn lines(self) -> String {
        self.with_shown(|recording| recording.lines().collect())
    }

    /// What a reader must know of events of what is on show that a later version wrote, in a sentence.
    pub fn left_out(self) -> Option<String> {
        self.with_shown(Recording::left_out)
    }

    /// The reader's own run up to now.
    pub fn own_recording(self) -> Recording {
        self.own_recording.get_value()
    }

    fn with_shown<T>(self, read: impl FnOnce(&Recording) -> T) -> T {
        self.other_recording.with_value(|other| match other {
            Some(other) => read(other),
            None => self.own_recording.with_value(read),
        })
    }

    /// At the newest of so many moments.
    fn rest(self, moments: usize) {
        self.set_cursor.set(None);
        self.newest.set(None);
        self.set_moments.set(moments);
    }
}
