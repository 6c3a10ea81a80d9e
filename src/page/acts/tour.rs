//! The way through a tour.

use leptos::prelude::*;

use super::{edit, link, recorded};
use crate::page::browser::kept;
use crate::page::state::Lab;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::tour::{Place, Tour};

/// Where the place that was reached is kept.
const KEY: &str = "upgrade-lab.tour";

/// Goes on with a tour where it was left, or begins it.
pub fn start(lab: Lab, tour: Tour) {
    let left = kept::get(KEY).and_then(|name| Place::parse(&name));
    lab.look.cover(None);
    // What it speaks of has to be there.
    lab.look.hide(Hidden::default());
    lab.look.arrange(None);
    let nothing = !lab.run.begun.get_untracked() && lab.tape.recorded.with_untracked(Option::is_none);
    if let Some(preset) = missing(lab, tour, nothing) {
        edit::choose_preset(lab, &preset);
    }
    go(lab, Some(left.filter(|place| place.tour == tour).unwrap_or(tour.start())));
}

/// The preset that has what a tour speaks of, where the page shows nothing of that.
fn missing(lab: Lab, tour: Tour, nothing: bool) -> Option<String> {
    let offer = lab.offer.get_untracked();
    let Some(kind) = tour.kind() else {
        return (nothing || !offer.is_retrieval()).then(|| recorded::FIRST.to_owned());
    };
    lab.settings.catalogue.with_untracked(|catalogue| {
        let shows = catalogue.presets.iter().find(|preset| catalogue.kind_of(&preset.scenario) == kind)?;
        (nothing || offer.kind() != kind).then(|| shows.id.clone())
    })
}

/// Shows a place, in the address too; nothing ends the tour.
pub fn go(lab: Lab, place: Option<Place>) {
    if place.is_some() {
        // Each page speaks of another region.
        lab.look.enlarge(None);
        lab.look.stand(None);
    }
    lab.look.guide(place);
    link::renew(lab);
}

/// Keeps the place that was reached.
pub fn keep(place: Place) {
    // Where that is forbidden the tour starts from its beginning the next time.
    kept::set(KEY, &place.name());
}

/// Ends the tour; one that was seen to its end starts from its beginning the next time.
pub fn close(lab: Lab) {
    let last = lab.look.tour.get_untracked().is_some_and(|place| place.next().is_none());
    if last {
        kept::delete(KEY);
    }
    go(lab, None);
}
