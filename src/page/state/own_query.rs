//! A picture of the reader's own that is asked for: what it is, and what it finds.

use leptos::prelude::*;
use protocol::Nearest;

use crate::view::instruments::own_query::{Fit, Raster};

/// A picture as a query. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct OwnQuery {
    /// What was drawn or brought.
    pub picture: ReadSignal<Option<Raster>>,
    set_picture: WriteSignal<Option<Raster>>,
    /// How it is made like the pictures of the dataset.
    pub fit: ReadSignal<Fit>,
    set_fit: WriteSignal<Fit>,
    /// What it finds, as far as a worker has said.
    pub nearest: ReadSignal<Vec<Nearest>>,
    set_nearest: WriteSignal<Vec<Nearest>>,
    /// Whether a worker was asked and has not answered yet.
    pub waits: ReadSignal<bool>,
    set_waits: WriteSignal<bool>,
    /// Why the last picture that was brought cannot be used; empty if it can.
    pub problem: ReadSignal<String>,
    set_problem: WriteSignal<String>,
}

impl OwnQuery {
    /// None yet.
    pub fn new() -> Self {
        let (picture, set_picture) = signal(None);
        let (fit, set_fit) = signal(Fit::default());
        let (nearest, set_nearest) = signal(Vec::new());
        let (waits, set_waits) = signal(false);
        let (problem, set_problem) = signal(String::new());
        Self { picture, set_picture, fit, set_fit, nearest, set_nearest, waits, set_waits, problem, set_problem }
    }

    /// Takes a picture, or none any more, and how it is made like those of the dataset.
    pub fn bring(self, picture: Option<Raster>, fit: Fit) {
        self.set_problem.set(String::new());
        self.set_fit.set(fit);
        self.set_picture.set(picture);
    }

    /// Draws on the picture, if there is one.
    pub fn draw(self, draw: impl FnOnce(&mut Raster)) {
        self.set_picture.update(|picture| {
            if let Some(picture) = picture {
                draw(picture);
            }
        });
    }

    /// Makes it like the pictures of the dataset in another way.
    pub fn set_fit(self, fit: Fit) {
        self.set_fit.set(fit);
    }

    /// Says that a worker is asked.
    pub fn wait(self) {
        self.set_waits.set(true);
    }

    /// Takes in that no answer is to be waited for any more.
    pub fn rest(self) {
        if self.waits.get_untracked() {
            self.set_waits.set(false);
        }
    }

    /// Takes in what it finds.
    pub fn set_nearest(self, nearest: Vec<Nearest>) {
        self.set_nearest.set(nearest);
        self.rest();
    }

    /// Says why a picture cannot be used.
    pub fn refuse(self, problem: String) {
        self.set_problem.set(problem);
    }
}
