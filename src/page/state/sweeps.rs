//! Several runs at once: what is asked for, and how far it is.

use leptos::prelude::*;

use crate::view::chrome::sweep::{Plan, Sweep};

/// The sweep of the page. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Sweeps {
    /// What the form asks for.
    pub plan: ReadSignal<Plan>,
    set_plan: WriteSignal<Plan>,
    /// How many workers there may be.
    pub workers: ReadSignal<usize>,
    set_workers: WriteSignal<usize>,
    /// The sweep under way or the last one.
    pub sweep: ReadSignal<Option<Sweep>>,
    set_sweep: WriteSignal<Option<Sweep>>,
}

impl Sweeps {
    /// No sweep yet.
    pub fn new(workers: usize) -> Self {
        let (plan, set_plan) = signal(Plan::default());
        let (workers, set_workers) = signal(workers);
        let (sweep, set_sweep) = signal(None);
        Self { plan, set_plan, workers, set_workers, sweep, set_sweep }
    }

    /// Changes what the form asks for.
    pub fn ask(self, change: impl FnOnce(&mut Plan)) {
        self.set_plan.update(change);
    }

    /// Allows so many workers.
    pub fn set_workers(self, workers: usize) {
        self.set_workers.set(workers);
    }

    /// Begins a sweep in place of the last one.
    pub fn begin(self, sweep: Sweep) {
        self.set_sweep.set(Some(sweep));
    }

    /// Changes the sweep, if there is one; gives what the change does.
    pub fn change<T>(self, change: impl FnOnce(&mut Sweep) -> T) -> Option<T> {
        self.set_sweep.try_update(|sweep| sweep.as_mut().map(change)).flatten()
    }
}
