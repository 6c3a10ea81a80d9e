//! Image files to pixels and pixels onto a canvas, by the browser's own decoders.

use wasm_bindgen::{Clamped, JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlCanvasElement, ImageBitmap, ImageData};

use super::in_words;
use super::sheet::{context, loose_canvas};

/// Red, green, blue and alpha of an image file, row by row, and the pixels of a row: its longer side has at most `side` pixels, or, with
/// `square`, the shorter side of its middle square. What is transparent lies on white.
///
/// # Errors
/// A sentence that names the file.
pub async fn decode(file: &File, side: u32, square: bool) -> Result<(Vec<u8>, u32), String> {
    pixels(file, side, square).await.map_err(|error| {
        let (name, reason) = (file.name(), in_words(&error));
        format!("{name} cannot be read as an image: {reason}. Choose a PNG, JPEG, GIF or WebP file.")
    })
}

async fn pixels(file: &File, side: u32, square: bool) -> Result<(Vec<u8>, u32), JsValue> {
    let bitmap = JsFuture::from(gloo::utils::window().create_image_bitmap_with_blob(file)?).await?;
    let bitmap: ImageBitmap = bitmap.unchecked_into();
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let length = if square { width.min(height) } else { width.max(height) };
    let scale = (f64::from(side) / length).min(1.0);
    let (width, height) = (scale * width, scale * height);
    let whole = |length: f64| length.round().max(1.0);
    let (wide, high) = match square {
        true => (whole(scale * length), whole(scale * length)),
        false => (whole(width), whole(height)),
    };
    let canvas = loose_canvas().ok_or("the browser has no canvas")?;
    canvas.set_width(wide as u32);
    canvas.set_height(high as u32);
    let pen = context(&canvas).ok_or("the browser has no 2-D canvas")?;
    pen.set_fill_style_str("#fff");
    pen.fill_rect(0.0, 0.0, wide, high);
    let (left, top) = (0.5 * (wide - width), 0.5 * (high - height));
    pen.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, left, top, width, height)?;
    bitmap.close();
    Ok((pen.get_image_data(0.0, 0.0, wide, high)?.data().0, wide as u32))
}

/// Puts pixels, red, green, blue and alpha, onto a canvas, which takes their size.
pub fn paint(canvas: &HtmlCanvasElement, rgba: &[u8], width: u32) {
    // A picture without area cannot be made, and need not be.
    if let (Some(pen), Ok(data)) = (context(canvas), ImageData::new_with_u8_clamped_array(Clamped(rgba), width)) {
        canvas.set_width(data.width());
        canvas.set_height(data.height());
        let _ = pen.put_image_data(&data, 0.0, 0.0);
    }
}
