//! The way from query to query.

use leptos::prelude::*;

use crate::page::state::Lab;

/// Moves on among the queries that pass the filter.
pub fn step(lab: Lab, by: isize) {
    let (filter, current) = (lab.focus.filter.get_untracked(), lab.focus.query.get_untracked());
    if let Some(next) = lab.focus.queries.with_untracked(|queries| queries.step(filter, current, by)) {
        lab.focus.pick(next);
    }
}

/// Goes to any of them.
pub fn random(lab: Lab) {
    let filter = lab.focus.filter.get_untracked();
    let count = lab.focus.queries.with_untracked(|queries| queries.passing(filter).len());
    step(lab, below(count as f64) as isize);
}

/// A whole number from 0 up to below `end`.
pub fn below(end: f64) -> f64 {
    (js_sys::Math::random() * end).floor()
}
