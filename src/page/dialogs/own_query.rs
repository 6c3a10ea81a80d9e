//! A picture of the reader's own as a query: drawn, pasted, dropped or chosen, and what each model finds.

use leptos::ev::PointerEvent;
use leptos::html::Canvas;
use leptos::prelude::*;

use crate::page::acts::own_query;
use crate::page::browser::decode::paint;
use crate::page::browser::files::click;
use crate::page::panels::controls::ActionButton;
use crate::page::panels::thumbnail::Thumbnail;
use crate::page::panels::transport::PlayButton;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::instruments::own_query::{Fit, Raster, Row, Stroke, rows};

/// Id of the input that opens the browser's choice of images.
const INPUT: &str = "own-picture";
/// Width of the pen as it begins, in pixels of the dataset's pictures.
const PEN: f32 = 3.0;
/// Its greatest width.
const WIDEST: f32 = 8.0;

/// Who can be asked.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// A recorded run, which has no weights.
    Recorded,
    /// No model that is done.
    Nobody,
    /// So many models.
    Models(usize),
}

/// The dialog.
#[component]
pub fn OwnQueryDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let own = lab.own_query;
    let asked = Memo::new(move |_| {
        let done = lab.tape.with_own(|log| log.models.values().filter(|it| it.index_seconds.is_some()).count());
        match lab.run.prepared.with(Option::is_some) && lab.engine.connected.get() {
            _ if lab.tape.recorded.with(Option::is_some) => Asked::Recorded,
            true if done > 0 => Asked::Models(done),
            _ => Asked::Nobody,
        }
    });
    // As models look at it.
    let picture = Memo::new(move |_| {
        let size = lab.pictures.size()?;
        let fitted = |it: &Raster| it.fitted(own.fit.get(), (size.width, size.height));
        let fits = |it: &&Raster| it.size().channels == size.channels && !it.is_empty();
        own.picture.with(|picture| picture.as_ref().filter(fits).map(fitted))
    });
    // An answer that never came is waited for no more.
    own.rest();
    let before = StoredValue::new(None::<(Raster, usize)>);
    Effect::new(move |_| {
        let (Some(picture), Asked::Models(done)) = (picture.get(), asked.get()) else { return own.rest() };
        // While one draws, the worker is asked as often as it answers.
        if !own.waits.get() {
            let now = Some((picture.clone(), done));
            if before.with_value(|before| *before != now) {
                before.set_value(now);
                own_query::ask(lab, &picture);
            }
        }
    });
    let taken = [
        window_event_listener(leptos::ev::paste, move |event| {
            if own_query::bring(lab, event.clipboard_data().and_then(|data| data.files())) {
                event.prevent_default();
            }
        }),
        window_event_listener(leptos::ev::drop, move |event| {
            own_query::bring(lab, event.data_transfer().and_then(|data| data.files()));
        }),
    ];
    on_cleanup(move || taken.into_iter().for_each(|handle| handle.remove()));
    let found = Memo::new(move |_| {
        let upgrade = lab.focus.upgrade.get();
        own.nearest.with(|nearest| lab.tape.log.with(|log| rows(log, &upgrade, nearest)))
    });
    let answered = move || picture.with(Option::is_some) && matches!(asked.get(), Asked::Models(_));
    let sentence = move || match (asked.get(), picture.with(Option::is_some)) {
        (Asked::Recorded, _) => {
            "A recorded run has no weights that could look for it. Run it yourself: each model answers once it is trained."
        }
        (Asked::Nobody, _) => "Each model answers once it is trained.",
        (_, false) => "Draw with the pen, or paste, drop or choose an image.",
        (_, true) => {
            "The ten items nearest to it under each pair of models. It has no label, so it counts in no score."
        }
    };
    view! {
        <h2>"A picture of your own as a query"</h2>
        <div class="sides">
            <Easel lab picture/>
            <div class="answers">
                <p role="status">{sentence}</p>
                <Show when=move || !matches!(asked.get(), Asked::Models(_))><PlayButton lab/></Show>
                <p class="problem" role="alert">{move || own.problem.get()}</p>
                <ul class="rows" hidden=move || !answered()>
                    {move || found.get().into_iter().map(|it| row(lab, it)).collect_view()}
                </ul>
            </div>
        </div>
        <div class="foot">
            <ActionButton lab action=Action::OwnQuery class="plain">"Close"</ActionButton>
        </div>
    }
    .into_any()
}

/// What it is drawn on, and what becomes of it.
#[component]
fn Easel(
    /// The shared state.
    lab: Lab,
    /// The picture as models look at it.
    picture: Memo<Option<Raster>>,
) -> impl IntoView {
    let own = lab.own_query;
    let (sheet, small) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let show = |canvas: NodeRef<Canvas>, picture: Option<&Raster>| {
        let Some(canvas) = canvas.get() else { return };
        match picture {
            Some(picture) => paint(&canvas, &picture.rgba(), picture.size().width as u32),
            // Setting the size gives up what was there.
            None => canvas.set_width(1),
        }
    };
    Effect::new(move |_| own.picture.with(|it| show(sheet, it.as_ref())));
    Effect::new(move |_| picture.with(|it| show(small, it.as_ref())));
    let pen = RwSignal::new(PEN);
    let color = RwSignal::new("#ffffff".to_owned());
    // Where the pen was last, and whether it came down on the sheet.
    let pointer = StoredValue::new(None::<(f32, f32)>);
    let drawing = StoredValue::new(false);
    let draw = move |event: &PointerEvent| {
        let (Some(canvas), Some(size)) = (sheet.get_untracked(), untrack(|| lab.pictures.size())) else { return };
        let area = canvas.get_bounding_client_rect();
        let share = |at: i32, start: f64, length: f64| ((f64::from(at) - start) / length.max(1.0)) as f32;
        let to =
            (share(event.client_x(), area.left(), area.width()), share(event.client_y(), area.top(), area.height()));
        if own.picture.with_untracked(|it| it.as_ref().is_none_or(|it| it.size().channels != size.channels)) {
            let blank = Raster::sheet(size);
            let fit = Fit::proposed(&blank, untrack(|| own_query::among_own(lab)));
            own.bring(Some(blank), fit);
        }
        let width = pen.get_untracked() / size.width.max(size.height) as f32;
        let stroke = Stroke { from: pointer.get_value().unwrap_or(to), to, width };
        pointer.set_value(Some(to));
        let ink = color.with_untracked(|color| ink(color));
        // What is inverted afterwards is drawn dark on light.
        let ink = if own.fit.get_untracked().invert { ink.map(|value| u8::MAX - value) } else { ink };
        own.draw(|picture| picture.draw(stroke, ink));
    };
    let down = move |event: PointerEvent| {
        if event.button() == 0 {
            if let Some(canvas) = sheet.get_untracked() {
                // Without it a line only ends at the edge.
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
            drawing.set_value(true);
            draw(&event);
        }
    };
    let lift = move |_| {
        drawing.set_value(false);
        pointer.set_value(None);
    };
    let none = move || own.picture.with(Option::is_none);
    let about = move || match own_query::among_own(lab) {
        true => "The middle square of an image is taken, as it was of your other images.",
        false => "The pictures here are cut out, light on dark: yours is made like them.",
    };
    let choose = move |change: fn(&mut Fit, bool), on: bool| {
        let mut fit = own.fit.get_untracked();
        change(&mut fit, on);
        own.set_fit(fit);
    };
    view! {
        <div class="easel">
            <canvas class="sheet" node_ref=sheet role="img" aria-label="Your picture" on:pointerdown=down
                on:pointermove=move |event| if drawing.get_value() { draw(&event) }
                on:pointerup=lift on:pointercancel=lift></canvas>
            <div class="tools">
                <canvas class="small" node_ref=small role="img" aria-label="Your picture as models look at it"></canvas>
                <label>"Pen"<input type="range" min="1" max=WIDEST step="0.5" prop:value=PEN
                    on:input:target=move |event| pen.set(event.target().value().parse().unwrap_or(PEN))/></label>
                <Show when=move || lab.pictures.size().is_some_and(|size| size.channels > 1)>
                    <label>"Colour"<input type="color" prop:value=color
                        on:input:target=move |event| color.set(event.target().value())/></label>
                </Show>
                <button type="button" class="plain" on:click=move |_| click(INPUT)>"Choose an image"</button>
                <input id=INPUT class="hidden" type="file" accept="image/*" tabindex="-1" aria-label="Image to search for"
                    on:change:target=move |event| {
                        own_query::bring(lab, event.target().files());
                        // So that the same file can be chosen again.
                        event.target().set_value("");
                    }/>
                <button type="button" class="plain" disabled=none on:click=move |_| own.bring(None, Fit::default())>"Clear"</button>
            </div>
            <label class="check"><input type="checkbox" disabled=none prop:checked=move || own.fit.get().invert
                on:change:target=move |event| choose(|fit, on| fit.invert = on, event.target().checked())/>
                "Exchange light and dark, as for a light border"</label>
            <label class="check"><input type="checkbox" disabled=none prop:checked=move || own.fit.get().cut
                on:change:target=move |event| choose(|fit, on| fit.cut = on, event.target().checked())/>
                "Cut to what stands on its ground"</label>
            <p class="hint">{about}</p>
        </div>
    }
    .into_any()
}

/// A colour as browsers write it, `#rrggbb`.
fn ink(color: &str) -> [u8; 3] {
    let channel = |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(u8::MAX);
    [channel(1), channel(3), channel(5)]
}

fn row(lab: Lab, row: Row) -> impl IntoView {
    let label = format!("{}: {}", row.pair, row.classes);
    let hit = move |(place, (item, class)): (usize, (u16, String))| {
        let label = format!("{}. {class}", place + 1);
        let title = label.clone();
        view! { <li title=title><Thumbnail lab item=Signal::stored(Some(item)) label=Signal::stored(label)/></li> }
    };
    view! {
        <li class="row" aria-label=label>
            <p class="pair" title=row.models>
                <strong>{row.pair}</strong>
                <span class="count">{row.classes}</span>
            </p>
            <ol>{row.items.into_iter().enumerate().map(hit).collect_view()}</ol>
        </li>
    }
}
