//! What the article below the instruments sets the page to, and the way there and back.

use std::time::Duration;

use leptos::prelude::*;
use protocol::RunLog;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::{edit, link, recorded};
use crate::page::state::Lab;
use crate::view::chrome::article::{Part, Scene};
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::operations::{Act, Facts, Operation};

/// Id of the region of the instruments.
pub const INSTRUMENTS: &str = "instruments";
/// Id of the heading of the article.
pub const TITLE: &str = "article-title";

/// The id of the button that sets the page to a part.
pub fn button_id(part: &str) -> String {
    format!("article-{part}")
}

/// Goes to the article.
pub fn read(lab: Lab) {
    lab.look.cover(None);
    lab.look.hide(Hidden::default());
    link::renew(lab);
    // A dialog that closes gives its focus back first.
    request_animation_frame(|| go_to(TITLE));
}

/// Brings an element with this id into sight, with the part of the article that it stands in, and gives it the focus.
pub fn go_to(id: &str) {
    let element = gloo::utils::document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // Without the focus it is in sight all the same.
        let _ = element.focus();
        element.closest(".part").ok().flatten().unwrap_or_else(|| element.into()).scroll_into_view();
    }
}

/// Sets the page to what a part speaks of: form and address to its preset, the recorded run of that, and what of it is looked at.
pub fn show(lab: Lab, part: &Part) {
    let (scene, spot) = (part.scene(), part.spot());
    // A run that cannot be had leaves the page as it is.
    recorded::show(lab, scene.run.clone(), move || {
        lab.look.cover(None);
        // What it speaks of has to be there.
        lab.look.hide(Hidden::default());
        lab.look.guide(None);
        lab.look.arrange(None);
        lab.look.enlarge(scene.large);
        let preset = lab.settings.catalogue.with_untracked(|it| it.preset(&scene.run).map(|it| it.scenario.clone()));
        if let Some(scenario) = preset.map(|scenario| untrack(|| lab.settings.settled(&scenario))) {
            edit::take_up(lab, scenario);
        }
        look_at(lab, &scene);
        lab.look.stand(Some(spot));
        link::renew(lab);
    });
}

/// Leaves what the article set the page to, and goes back to the part.
pub fn back(lab: Lab) {
    let spot = lab.look.spot.get_untracked();
    lab.look.stand(None);
    if let Some(spot) = spot {
        request_animation_frame(move || go_to(&button_id(&spot.id)));
    }
}

/// Looks at the run on show as a part wants it.
fn look_at(lab: Lab, scene: &Scene) {
    let last = |log: &RunLog| log.scenario.as_ref().map_or(1, |it| it.stages.len().saturating_sub(1));
    lab.focus.set_stage(scene.stage.unwrap_or_else(|| untrack(|| lab.tape.with_newest(last))));
    lab.focus.set_filter(scene.filter);
    lab.focus.set_curves(scene.curves);
    let step = |(model, step)| lab.tape.steps().into_iter().find(|it| it.1 == model && it.2 >= step).map(|it| it.0);
    lab.tape.seek(scene.moment.and_then(step));
    if let Some(percent) = scene.index {
        // An index begins anew with the run that it is of, once that is on the page.
        set_timeout(move || re_embed(lab, percent), Duration::ZERO);
    }
}

/// Deploys the new model and re-embeds a part of the index.
fn re_embed(lab: Lab, percent: u8) {
    let facts = |log: &RunLog| {
        lab.settings.catalogue.with_untracked(|known| Facts::of(log, lab.focus.upgrade.get_untracked(), known))
    };
    let facts = lab.tape.log.with_untracked(facts);
    lab.focus.operate(|operation| {
        // Whatever a reader has done with the index.
        *operation = Operation::default();
        operation.press(Act::Deploy, &facts);
        operation.backfill(percent, &facts);
    });
}
