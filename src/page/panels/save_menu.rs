//! The menu with which a panel is saved: pictures and tables.

use js_sys::Promise;
use leptos::html::{Button, Canvas};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Scenario;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::controls::Icon;
use crate::page::browser::hooks::focus_leaves;
use crate::page::browser::sheet::context;
use crate::page::browser::{files, in_words};
use crate::page::state::Lab;
use crate::view::draw::theme::css;

/// An arrow down to a line.
const DOWN: &str = "M11 4h2v8.2l3.3-3.3 1.4 1.4L12 16l-5.7-5.7 1.4-1.4 3.3 3.3zM5 18h14v2H5z";

/// Pixels of a saved drawing per CSS pixel.
const FINENESS: u32 = 2;

/// A kind of file that a panel can be saved as. What a signal holds is made when it is asked for.
#[derive(Clone, Copy)]
pub enum Save {
    /// An SVG document as pixels.
    Png(Signal<String>),
    /// A canvas as it is, on the ground of panels.
    Canvas(NodeRef<Canvas>),
    /// An SVG document.
    Svg(Signal<String>),
    /// A table.
    Csv(Signal<String>),
}

impl Save {
    fn label(self) -> &'static str {
        match self {
            Self::Png(_) | Self::Canvas(_) => "PNG",
            Self::Svg(_) => "SVG",
            Self::Csv(_) => "CSV",
        }
    }

    async fn save(self, lab: Lab, stem: &str) -> Result<(), JsValue> {
        let name = format!("{stem}.{}", self.label().to_lowercase());
        match self {
            Self::Svg(text) => files::save(&name, "image/svg+xml", text.get_untracked().as_bytes()),
            Self::Csv(text) => files::save(&name, "text/csv", text.get_untracked().as_bytes()),
            Self::Png(text) => {
                let text = js_sys::encode_uri_component(&text.get_untracked());
                let image = HtmlImageElement::new()?;
                image.set_src(&format!("data:image/svg+xml,{text}"));
                JsFuture::from(image.decode()).await?;
                let (width, height) = (FINENESS * image.width(), FINENESS * image.height());
                let (sheet, pen) = sheet(lab, width, height)?;
                let (width, height) = (f64::from(width), f64::from(height));
                pen.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
                files::save_blob(&name, &png(&sheet).await?)
            }
            Self::Canvas(canvas) => {
                let canvas = canvas.get_untracked().ok_or("nothing is drawn")?;
                let (sheet, pen) = sheet(lab, canvas.width(), canvas.height())?;
                pen.draw_image_with_html_canvas_element(&canvas, 0.0, 0.0)?;
                files::save_blob(&name, &png(&sheet).await?)
            }
        }
    }
}

/// A canvas that is on no page, in the colour of panels, since drawings leave their ground out.
fn sheet(lab: Lab, width: u32, height: u32) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = gloo::utils::document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    let pen = context(&canvas).ok_or("there is no 2-D canvas")?;
    pen.set_fill_style_str(&css(untrack(|| lab.look.palette()).surface));
    pen.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    Ok((canvas, pen))
}

async fn png(canvas: &HtmlCanvasElement) -> Result<Blob, JsValue> {
    let made = Promise::new(&mut |done, failed| {
        if let Err(error) = canvas.to_blob(&done) {
            // Nobody else listens to the promise.
            let _ = failed.call1(&JsValue::NULL, &error);
        }
    });
    // A canvas without area becomes null.
    JsFuture::from(made).await?.dyn_into().map_err(|_| "the picture is empty".into())
}

/// A button that opens a menu of the kinds of files.
#[component]
pub fn SaveMenu(
    /// The shared state.
    lab: Lab,
    /// Whether it is of several runs, so that names of files do not begin with preset and seed of the one on show.
    #[prop(optional)]
    several: bool,
    /// What is saved, in names of files after preset and seed; also the name of the menu.
    #[prop(into)]
    what: Signal<String>,
    /// What it can be saved as.
    options: Vec<Save>,
    /// Whether there is nothing to save yet.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<Button>::new();
    // Focus does not get lost with the menu.
    let close = move || {
        if let Some(button) = button.get_untracked().filter(|_| open.get_untracked()) {
            let _ = button.focus();
            open.set(false);
        }
    };
    let save = move |option: Save| {
        close();
        spawn_local(async move {
            let run = lab.tape.log.with_untracked(|log| log.scenario.as_ref().map(Scenario::file_stem));
            let before = run.filter(|_| !several).map(|run| run + "-").unwrap_or_default();
            let stem = before + &what.get_untracked();
            if let Err(error) = option.save(lab, &stem).await {
                let reason = in_words(&error);
                lab.messages.notice(format!("The browser refused to save {stem}: {reason}."), true);
            }
        });
    };
    let entry = move |option: Save| {
        view! { <li><button type="button" class="plain" on:click=move |_| save(option)>{option.label()}</button></li> }
    };
    view! {
        <div class="save" on:keydown=move |event| if event.key() == "Escape" && open.get_untracked() {
                // A dialog around it stays open.
                event.prevent_default();
                close();
            }
            on:focusout=move |event| if focus_leaves(&event) { open.set(false) }>
            <button type="button" node_ref=button disabled=disabled aria-label="Save" title="Save as a file"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)><Icon path=DOWN/></button>
            <ul class="menu" hidden=move || !open.get() aria-label=move || format!("Save {} as", what.get())>
                {options.into_iter().map(entry).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}
