//! The test images as one picture, from which thumbnails are cut.

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast as _};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::lab::Lab;

/// Images per row of the picture.
const COLUMNS: u32 = 50;

/// All test images side by side.
pub struct Sprite {
    canvas: HtmlCanvasElement,
    count: u32,
    width: u32,
    height: u32,
}

impl Sprite {
    /// Puts `count` images of 8 bits per channel (1 or 3 channels, planes one after the other) into one picture.
    ///
    /// # Errors
    /// A sentence, when there are fewer pixels than that or the browser has no canvas.
    pub fn new(pixels: &[u8], count: u32, channels: u32, (width, height): (u32, u32)) -> Result<Self, String> {
        let plane = (width * height) as usize;
        let image = plane * channels as usize;
        if image == 0 || pixels.len() < image * count as usize {
            return Err(format!(
                "The worker sent {} pixels for {count} images; thumbnails are left out.",
                pixels.len()
            ));
        }
        let (wide, high) = (COLUMNS * width, count.div_ceil(COLUMNS).max(1) * height);
        let mut colors = vec![0u8; (wide * high * 4) as usize];
        for (index, image) in pixels.chunks_exact(image).take(count as usize).enumerate() {
            let (column, row) = (index as u32 % COLUMNS, index as u32 / COLUMNS);
            for at in 0..plane {
                let (x, y) = (column * width + at as u32 % width, row * height + at as u32 / width);
                let start = ((y * wide + x) * 4) as usize;
                // Grey images have one plane, which serves all three colours.
                let value = |channel: usize| image.get(at + channel.min(channels as usize - 1) * plane).copied();
                if let Some([red, green, blue, alpha]) = colors.get_mut(start..start + 4) {
                    *red = value(0).unwrap_or(0);
                    *green = value(1).unwrap_or(0);
                    *blue = value(2).unwrap_or(0);
                    *alpha = 255;
                }
            }
        }
        let failed = |error: wasm_bindgen::JsValue| format!("The browser cannot draw the images: {error:?}.");
        let element = gloo::utils::document().create_element("canvas").map_err(failed)?;
        let canvas: HtmlCanvasElement = element.unchecked_into();
        canvas.set_width(wide);
        canvas.set_height(high);
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&colors), wide, high).map_err(failed)?;
        context(&canvas).ok_or("The browser has no 2-D canvas.")?.put_image_data(&data, 0.0, 0.0).map_err(failed)?;
        Ok(Self { canvas, count, width, height })
    }

    /// Draws an image over the whole of a canvas, in the image's own resolution.
    fn draw(&self, item: u16, target: &HtmlCanvasElement) {
        let item = u32::from(item);
        let Some(context) = context(target).filter(|_| item < self.count) else { return };
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let (x, y) = (f64::from(item % COLUMNS) * width, f64::from(item / COLUMNS) * height);
        target.set_width(self.width);
        target.set_height(self.height);
        // A failed draw leaves the thumbnail empty; its label still says what it is.
        let _ = context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &self.canvas,
            x,
            y,
            width,
            height,
            0.0,
            0.0,
            width,
            height,
        );
    }
}

/// The 2-D context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// One test image.
#[component]
pub fn Thumbnail(
    /// The shared state.
    lab: Lab,
    /// Item id.
    #[prop(into)]
    item: Signal<Option<u16>>,
    /// What the image shows, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        lab.images_version.track();
        if let (Some(canvas), Some(item), true) = (canvas.get(), item.get(), lab.pictured.get()) {
            lab.images.with_value(|sprite| {
                if let Some(sprite) = sprite {
                    sprite.draw(item, &canvas);
                }
            });
        }
    });
    view! { <canvas class="thumbnail" node_ref=canvas width="28" height="28" role="img" aria-label=label></canvas> }
}
