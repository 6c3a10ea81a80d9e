//! A list below a field: the arrow keys walk it while the focus stays in the field.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// The chosen line of a list, whose lines have ids of this kind.
#[derive(Clone, Copy)]
pub struct Walk {
    list: &'static str,
    place: RwSignal<usize>,
}

impl Walk {
    /// At the first line of a list of this name.
    pub fn new(list: &'static str) -> Self {
        Self { list, place: RwSignal::new(0) }
    }

    /// The chosen line, counted from 0.
    pub fn place(self) -> usize {
        self.place.get()
    }

    /// Whether a line is the chosen one, as `aria-selected` says it.
    pub fn selected(self, line: usize) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || (self.place() == line).to_string()
    }

    /// The id of a line.
    pub fn line_id(self, line: usize) -> String {
        format!("{}-{line}", self.list)
    }

    /// Chooses a line where it stands.
    pub fn choose(self, line: usize) {
        if self.place.get_untracked() != line {
            self.place.set(line);
        }
    }

    /// Chooses a line and brings it into view.
    pub fn go(self, line: usize) {
        self.place.set(line);
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        if let Some(line) = gloo::utils::document().get_element_by_id(&self.line_id(line)) {
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// Walks on a key in a list of `count` lines; `run` is told of the chosen line on Enter.
    pub fn key(self, event: &KeyboardEvent, count: usize, run: impl FnOnce(usize)) {
        let now = self.place.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.go((now + 1) % count),
            "ArrowUp" if count > 0 => self.go((now + count - 1) % count),
            // Enter that ends a composition is part of the text.
            "Enter" if !event.is_composing() => run(now),
            _ => return,
        }
        event.prevent_default();
    }
}
