//! A picture of the reader's own as a query.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Command, DatasetInfo, Scenario};
use web_sys::FileList;

use super::engine;
use crate::page::browser::decode::decode;
use crate::page::state::Lab;
use crate::view::instruments::own_query::{Fit, Raster};

/// Longest side of pictures that are brought, in pixels: fine enough to be cut to a part.
const SIDE: u32 = 256;

/// Whether the pictures of the run are the reader's own. Tracks.
pub fn among_own(lab: Lab) -> bool {
    let own = |scenario: &Scenario| scenario.data.dataset.starts_with(DatasetInfo::OWN);
    lab.run.prepared.with(|held| held.as_ref().is_some_and(own))
}

/// Takes the first of these files as the picture; whether there is one.
pub fn bring(lab: Lab, files: Option<FileList>) -> bool {
    let Some(file) = files.and_then(|files| files.get(0)) else { return false };
    let (size, own) = untrack(|| (lab.pictures.size(), among_own(lab)));
    let Some(size) = size else {
        lab.own_query.refuse("The pictures of the run are not there yet: try again in a moment.".to_owned());
        return true;
    };
    spawn_local(async move {
        match decode(&file, SIDE, own).await {
            Ok((rgba, width)) => {
                let picture = Raster::of_rgba(&rgba, width as usize, size.channels);
                let fit = Fit::proposed(&picture, own);
                lab.own_query.bring(Some(picture), fit);
            }
            Err(reason) => lab.own_query.refuse(reason),
        }
    });
    true
}

/// Asks the worker what a picture finds that is like those of the dataset.
pub fn ask(lab: Lab, picture: &Raster) {
    lab.own_query.wait();
    engine::deliver(lab, Command::Find, vec![picture.pixels().to_vec()]);
}
