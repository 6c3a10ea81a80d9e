//! Words that are explained where they stand. A term is a button that opens the one card by a press, and for as long as a mouse is on it;
//! so does the name of a setting or a word in a button, and the keyboard opens the card when it comes to the setting or the button.

use leptos::ev::{click, focusin, keydown, pointerdown, pointerover};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_split_helpers::wasm_split;
use web_sys::{Element, Event};

use super::explanation::Meaning;
use crate::page::browser::late::{Part, late};
use crate::page::state::{Explained, Lab, Word};
use crate::view::terms::{Term, marked};

/// Width of the card in CSS pixels, where the window has so much; `style/terms.css` has it, too.
const WIDTH: f64 = 320.0;
/// Least space between the card and the edge of the window.
const AIR: f64 = 8.0;
/// From this part of the window on downwards the card stands above its word.
const LOW: f64 = 0.55;

/// Whatever is explained.
const WORD: &str = ".term, .helped";
/// A setting with its name, or a button with a word in it.
const SETTING: &str = ".control, .check, .stage";

/// A word that says what it means.
pub fn term(which: Term, words: impl IntoAny) -> AnyView {
    view! { <button type="button" class="term" data-term=which.id() aria-expanded="false">{words.into_any()}</button> }
        .into_any()
}

/// The head of a column, which says what it means if it is a term. Where there is little room it breaks after a slash.
pub fn head(name: &str) -> AnyView {
    let words = name.replace('/', "/\u{200b}");
    let words = match Term::of_head(name) {
        Some(which) => term(which, words),
        None => words.into_any(),
    };
    view! { <th scope="col">{words}</th> }.into_any()
}

/// A sentence whose words say what they mean.
pub fn termed(sentence: &str) -> AnyView {
    let piece = |(words, which): (&str, Option<Term>)| {
        let words = words.to_owned();
        match which {
            Some(which) => term(which, words),
            None => words.into_any(),
        }
    };
    marked(sentence).into_iter().map(piece).collect_view().into_any()
}

/// The card that explains a word, and what listens for the words.
pub fn explanation(lab: Lab) -> AnyView {
    late(card(), lab)
}

#[wasm_split(live, fallible)]
fn card() -> Part<Lab> {
    Ok(|lab| {
        use_terms(lab);
        view! { <Explanation lab/> }.into_any()
    })
}

/// The card.
#[component]
fn Explanation(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let card = NodeRef::<Div>::new();
    let told = lab.look.explained;
    let nothing = move || told.with(Option::is_none);
    // What is said of a setting belongs to its field, which says it.
    let role = move || {
        let is_term = |it: &Explained| matches!(it.word, Word::Term(_));
        told.with(|told| told.as_ref().is_none_or(is_term)).then_some("status")
    };
    let asked = Memo::new(move |asked: Option<&bool>| asked == Some(&true) || !nothing());
    Effect::new(move |_| {
        let (nothing, Some(card)) = (nothing(), card.get()) else { return };
        // A browser that knows no popovers shows it all the same, only not over dialogs.
        let _ = if nothing { card.hide_popover() } else { card.show_popover() };
    });
    let corner =
        move |of: fn(&Explained) -> f64| move || told.with(|told| told.as_ref().map(|it| format!("{}px", of(it))));
    view! {
        <div class="explanation" class:above=move || told.with(|told| told.as_ref().is_some_and(|it| it.above)) popover="manual" role=role
            node_ref=card hidden=nothing style:left=corner(|it| it.corner.0) style:top=corner(|it| it.corner.1)>
            {move || asked.get().then(|| late(meaning(), lab))}
        </div>
    }
    .into_any()
}

#[wasm_split(later, fallible)]
fn meaning() -> Part<Lab> {
    Ok(|lab| view! { <Meaning lab/> }.into_any())
}

/// Listens for what opens and closes the card, wherever words stand, until the page is left.
fn use_terms(lab: Lab) {
    let anchor = StoredValue::new_local(None::<Element>);
    let told = move || lab.look.explained.get_untracked();
    let is_anchor = move |word: &Element| anchor.with_value(|anchor| anchor.as_ref() == Some(word));
    let show = move |word: Option<Element>, pinned: bool| {
        let state = |word: &Option<Element>, open: &str| {
            // The name of the attribute is one. Names of settings open nothing to those who hear the page: they hear what is said of it.
            let term = word.as_ref().filter(|word| word.matches(".term").unwrap_or_default());
            let _ = term.map(|word| word.set_attribute("aria-expanded", open));
        };
        anchor.with_value(|before| state(before, "false"));
        let explained = word.as_ref().and_then(|word| explained(word, pinned));
        if explained.is_some() {
            state(&word, "true");
        }
        anchor.set_value(word);
        lab.look.explain(explained);
    };
    let pointed = window_event_listener(pointerover, move |event| {
        let open = told();
        if event.pointer_type() != "mouse" || open.as_ref().is_some_and(|it| it.pinned) {
            return;
        }
        match within(&event, WORD) {
            Some(word) if open.is_none() || !is_anchor(&word) => show(Some(word), false),
            // From the word the pointer may go to what is said of it.
            None if open.is_some() && within(&event, ".explanation").is_none() => show(None, false),
            _ => {}
        }
    });
    // The press of a name goes on to its field.
    let of_anchor = move |event: &Event| {
        within(event, SETTING).is_some_and(|it| anchor.with_value(|anchor| it.contains(anchor.as_deref())))
    };
    let tabbed = StoredValue::new(false);
    let pointed_at = window_event_listener(pointerdown, move |_| tabbed.set_value(false));
    let pressed = window_event_listener(click, move |event| match within(&event, WORD) {
        Some(word) if is_anchor(&word) && told().is_some_and(|it| it.pinned) => show(None, false),
        Some(word) => show(Some(word), true),
        None if told().is_some() && within(&event, ".explanation").is_none() && !of_anchor(&event) => show(None, false),
        None => {}
    });
    let escaped = window_event_listener(keydown, move |event| {
        tabbed.set_value(event.key() == "Tab");
        if event.key() == "Escape" && told().is_some() {
            show(None, false);
            // It means nothing else then.
            event.prevent_default();
        }
    });
    let focused = window_event_listener(focusin, move |event| {
        let named = |it: Element| it.query_selector(".helped").ok().flatten();
        let setting = within(&event, SETTING).and_then(named).filter(|_| tabbed.get_value());
        let here = within(&event, ".term").is_some_and(|word| is_anchor(&word)) || of_anchor(&event);
        if setting.as_ref().is_some_and(|setting| !is_anchor(setting)) {
            show(setting, false);
        } else if told().is_some() && !here {
            show(None, false);
        }
    });
    on_cleanup(move || {
        pointed.remove();
        pointed_at.remove();
        pressed.remove();
        escaped.remove();
        focused.remove();
    });
}

/// The element of this kind that an event happened in.
fn within(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// What a word on the page says, and where it stands.
fn explained(word: &Element, pinned: bool) -> Option<Explained> {
    let said = match word.get_attribute("data-term") {
        Some(id) => Word::Term(Term::of_id(&id)?),
        None => Word::Setting(word.get_attribute("data-help")?),
    };
    let window = gloo::utils::window();
    let page = gloo::utils::document_element();
    let scrolled = [window.scroll_x(), window.scroll_y()].map(|pixels| pixels.unwrap_or_default());
    let (wide, high) = (f64::from(page.client_width()), f64::from(page.client_height()));
    let place = word.get_bounding_client_rect();
    let left = place.left().min(wide - AIR - WIDTH.min(wide - 2.0 * AIR)).max(AIR);
    let above = place.bottom() > LOW * high;
    let top = if above { place.top() } else { place.bottom() };
    Some(Explained { word: said, corner: (left + scrolled[0], top + scrolled[1]), above, pinned })
}
