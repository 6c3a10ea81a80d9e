//! Test images as they come from the worker.

use leptos::task::spawn_local;

use crate::page::browser::sheet::{Images, Sheet};
use crate::page::state::Lab;

/// Shows these test images once the browser has packed them, unless others came meanwhile.
pub fn show(lab: Lab, images: Images, pixels: Vec<u8>) {
    let number = lab.pictures.count();
    spawn_local(async move {
        let sheet = Sheet::new(images, &pixels).await;
        if lab.pictures.is_newest(number) {
            match sheet {
                Ok(sheet) => lab.pictures.set_sheet(sheet),
                Err(reason) => lab.messages.notice(reason, true),
            }
        }
    });
}
