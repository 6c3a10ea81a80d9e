//! The test images as one sheet, of which each thumbnail shows a piece: a page with a canvas for each would have the browser hand all of
//! them to the compositor whenever the strips change.

use gloo::file::{Blob, ObjectUrl};
use js_sys::Promise;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, ImageData, OffscreenCanvas, OffscreenCanvasRenderingContext2d,
};

use super::in_words;

/// Images per row of the sheet.
const COLUMNS: u32 = 50;

/// Test images as the worker sends them.
#[derive(Clone, Copy)]
pub struct Images {
    /// How many.
    pub count: u32,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: u32,
    /// Width and height of each in pixels.
    pub size: (u32, u32),
}

impl Images {
    /// All of them side by side, `[rows, columns]` of images in red, green, blue and alpha; none if there are fewer pixels than that.
    fn sheet(self, pixels: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
        let Self { count, channels, size: (width, height) } = self;
        let plane = (width * height) as usize;
        let image = plane * channels as usize;
        if image == 0 || pixels.len() < image * count as usize {
            return None;
        }
        let (wide, high) = (COLUMNS * width, self.rows() * height);
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
        Some((colors, wide, high))
    }

    fn rows(self) -> u32 {
        self.count.div_ceil(COLUMNS).max(1)
    }
}

/// All test images side by side, as a file of the browser's.
#[derive(Clone)]
pub struct Sheet {
    url: ObjectUrl,
    images: Images,
}

impl Sheet {
    /// Puts images of 8 bits per channel (planes one after the other) on a sheet.
    ///
    /// # Errors
    /// A sentence, when there are too few pixels or the browser cannot draw.
    pub async fn new(images: Images, pixels: &[u8]) -> Result<Self, String> {
        let (colors, wide, high) = images.sheet(pixels).ok_or_else(|| {
            format!("The worker sent {} pixels for {} images; thumbnails are left out.", pixels.len(), images.count)
        })?;
        let failed = |error: JsValue| format!("The browser cannot draw the images: {}.", in_words(&error));
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&colors), wide, high).map_err(failed)?;
        let packed = match OffscreenCanvas::new(wide, high) {
            Ok(canvas) => packed_apart(&canvas, &data),
            Err(_) => packed(&data),
        };
        let blob: web_sys::Blob =
            JsFuture::from(packed.map_err(failed)?).await.and_then(JsCast::dyn_into).map_err(failed)?;
        Ok(Self { url: Blob::from(blob).into(), images })
    }

    /// What is on it.
    pub fn images(&self) -> Images {
        self.images
    }

    /// The CSS background that shows one image over the whole of an element, if there is that image.
    pub fn background(&self, item: u16) -> Option<String> {
        let item = u32::from(item);
        let Images { count, .. } = self.images;
        let rows = self.images.rows();
        // In a background, 100 % means that the ends of picture and element meet.
        let place = |at: u32, of: u32| 100.0 * f64::from(at) / f64::from(of.saturating_sub(1).max(1));
        let (x, y) = (place(item % COLUMNS, COLUMNS), place(item / COLUMNS, rows));
        (item < count).then(|| format!("#000 url({}) {x:.5}% {y:.5}% / {}% {}%", &*self.url, 100 * COLUMNS, 100 * rows))
    }
}

/// The picture as a file, drawn and packed beside the page.
fn packed_apart(canvas: &OffscreenCanvas, picture: &ImageData) -> Result<Promise, JsValue> {
    let context = canvas.get_context("2d")?.ok_or("it has no 2-D canvas")?;
    let context: OffscreenCanvasRenderingContext2d = context.unchecked_into();
    context.put_image_data(picture, 0.0, 0.0)?;
    canvas.convert_to_blob()
}

/// The same in a browser that draws on canvases of the document alone.
fn packed(picture: &ImageData) -> Result<Promise, JsValue> {
    let canvas = loose_canvas().ok_or("it has no canvas")?;
    canvas.set_width(picture.width());
    canvas.set_height(picture.height());
    context(&canvas).ok_or("it has no 2-D canvas")?.put_image_data(picture, 0.0, 0.0)?;
    let mut asked = Ok(());
    // Null in place of a file says that it cannot be packed.
    let file = Promise::new(&mut |resolve, _| asked = canvas.to_blob(&resolve));
    asked.map(|()| file)
}

/// A canvas that is on no page.
pub fn loose_canvas() -> Option<HtmlCanvasElement> {
    gloo::utils::document().create_element("canvas").ok()?.dyn_into().ok()
}

/// The 2-D context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}
