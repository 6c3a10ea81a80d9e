//! Controls that several panels share.

use leptos::prelude::*;
use protocol::Kind;

use super::panel_menu::PanelMenu;
use crate::page::acts::live::Ask;
use crate::page::acts::{edit, live};
use crate::page::browser::hooks::is_apple;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::chord::Chord;
use crate::view::chrome::form::{ChoiceControl, Control, has_slider, step};
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::format;

/// Two arrows that part.
const OUTWARDS: &str = "M14 3h7v7h-2V6.4l-5.3 5.3-1.4-1.4L17.6 5H14zM10 21H3v-7h2v3.6l5.3-5.3 1.4 1.4L6.4 19H10z";
/// Two arrows that meet.
const INWARDS: &str = "M20.6 2 22 3.4l-5.6 5.6H20v2h-7V4h2v3.6zM4 13h7v7H9v-3.6L3.4 22 2 20.6 7.6 15H4z";

/// The title of an instrument, with what else could stand in its place and the button that gives it all the room.
#[component]
pub fn Title(
    /// The shared state.
    lab: Lab,
    /// Which.
    of: Instrument,
    /// What stands there instead of its name, where it shows one of several things.
    #[prop(optional, into)]
    words: Option<Signal<&'static str>>,
) -> impl IntoView {
    let large = move || lab.look.enlarged.get() == Some(of);
    let path = move || if large() { INWARDS } else { OUTWARDS };
    view! {
        <h2 id=format!("{}-title", of.word())>{move || words.map_or(of.title(), |words| words.get())}</h2>
        <PanelMenu lab of/>
        <span class="enlarge" class:on=large>
            <ActionButton lab action=Action::Enlarge(of) sign=true pressed=Signal::derive(large)>
                {move || view! { <Icon path=path()/> }}
            </ActionButton>
        </span>
    }
}

/// A button of the action table; its key and description come from there.
#[component]
pub fn ActionButton(
    /// The shared state.
    lab: Lab,
    /// What it does.
    action: Action,
    /// Class attribute.
    #[prop(default = "quiet")]
    class: &'static str,
    /// Whether only a sign stands on it, so that its name has to be said.
    #[prop(optional)]
    sign: bool,
    /// Whether it is on, of a button that stays so.
    #[prop(optional)]
    pressed: Option<Signal<bool>>,
    /// What stands on it.
    children: Children,
) -> impl IntoView {
    let apple = is_apple();
    let names: Vec<String> = action.chords().iter().map(|chord| chord.name(apple)).collect();
    let aria: Vec<String> = action.chords().iter().map(|chord| chord.aria(apple)).collect();
    let title = match names.is_empty() {
        true => action.description().to_owned(),
        false => format!("{} ({})", action.description(), names.join(" or ")),
    };
    view! {
        <button
            type="button"
            class=class
            title=title
            aria-label=sign.then_some(action.label())
            aria-pressed=move || pressed.map(|it| it.get().to_string())
            aria-keyshortcuts=(!aria.is_empty()).then(|| aria.join(" "))
            disabled=move || lab.situation.with(|now| !action.possible(now))
            on:click=move |_| live::ask(lab, Ask::Act(action))
        >
            {children()}
        </button>
    }
}

/// Keys as they stand on a keyboard.
#[component]
pub fn Keys(
    /// Those that do the same.
    chords: &'static [Chord],
) -> impl IntoView {
    let apple = is_apple();
    view! { <span class="keys">{chords.iter().map(|chord| view! { <kbd>{chord.name(apple)}</kbd> }).collect_view()}</span> }
}

/// A sign on a button.
#[component]
pub fn Icon(
    /// Outline in a square of 24.
    path: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=path/></svg> }
}

/// A row of buttons of which one is on.
#[component]
pub fn Switch<T: Copy + PartialEq + Send + Sync + 'static>(
    /// What the row decides, for those who hear the page.
    label: &'static str,
    /// The choices with what stands on them.
    options: Vec<(T, Signal<String>)>,
    /// The one that is on.
    #[prop(into)]
    value: Signal<T>,
    /// Gets the one that is to be on.
    #[prop(into)]
    set: SignalSetter<T>,
) -> impl IntoView {
    let option = move |(option, text): (T, Signal<String>)| {
        let on = move || value.get() == option;
        view! {
            <button type="button" aria-pressed=move || on().to_string() on:click=move |_| set.set(option)>{text}</button>
        }
    };
    view! { <div class="switch" role="group" aria-label=label>{options.into_iter().map(option).collect_view()}</div> }
}

/// A menu of which one entry is on, where a row of buttons would be too wide.
#[component]
pub fn Menu<T: Copy + PartialEq + Send + Sync + 'static>(
    /// What the menu decides, for those who hear the page.
    label: &'static str,
    /// The choices with what stands on them.
    options: Vec<(T, &'static str)>,
    /// The one that is on.
    value: RwSignal<T>,
) -> impl IntoView {
    let names = options.iter().map(|(_, name)| view! { <option>{*name}</option> }).collect_view();
    let place = move |name: String| options.iter().find(|(_, known)| *known == name).map(|(option, _)| *option);
    let choose = move |name: String| {
        if let Some(option) = place(name) {
            value.set(option);
        }
    };
    view! { <select class="menu-select" aria-label=label on:change:target=move |event| choose(event.target().value())>{names}</select> }
}

/// One described number.
#[component]
pub fn NumberControl(
    /// The shared state.
    lab: Lab,
    /// What it sets.
    control: Control,
) -> impl IntoView {
    let Control { target, parameter } = control;
    let id = target.id();
    let hint = format!("{id}-hint");
    let target = StoredValue::new(target);
    let default = parameter.default;
    let value = Memo::new(move |_| {
        lab.settings.draft.with(|draft| target.with_value(|target| target.read(draft))).unwrap_or(default)
    });
    let preview = move |text: String| {
        if let Ok(value) = text.parse() {
            target.with_value(|target| edit::preview(lab, target, value));
        }
    };
    let commit = move |value: f64| target.with_value(|target| edit::commit(lab, target, value));
    let (min, max) = parameter.bounds();
    let step = step(&parameter);
    let while_running = if parameter.hot { " Can change while a run goes on." } else { "" };
    let help = format!("{}{while_running}", parameter.help);
    let label = view! {
        <label for=id.clone() class="helped" data-help=help.clone()>
            {parameter.label.clone()}
            {(!parameter.unit.is_empty()).then(|| view! { <span class="unit">{parameter.unit.clone()}</span> })}
        </label>
        <span class="hidden" id=hint.clone()>{help}</span>
        {parameter.hot.then(|| view! { <span class="live" aria-hidden="true" title="Can change while a run goes on">"live"</span> })}
    };
    let input = match &parameter.kind {
        Kind::Flag => view! {
            <input type="checkbox" id=id aria-describedby=hint prop:checked=move || value.get() != 0.0
                on:change:target=move |event| commit(f64::from(u8::from(event.target().checked())))/>
        }
        .into_any(),
        Kind::Options { labels } => {
            let option =
                |(index, label): (usize, &String)| view! { <option value=index.to_string()>{label.clone()}</option> };
            view! {
                <select id=id aria-describedby=hint prop:value=move || format::setting(value.get())
                    on:change:target=move |event| commit(event.target().value().parse().unwrap_or(default))>
                    {labels.iter().enumerate().map(option).collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Real { .. } | Kind::Integer { .. } => {
            let slider = has_slider(&parameter).then(|| {
                view! {
                    <input type="range" tabindex="-1" aria-hidden="true" min=min max=max step=step
                        prop:value=move || value.get().to_string()
                        on:input:target=move |event| preview(event.target().value())
                        on:change:target=move |event| commit(event.target().value().parse().unwrap_or(default))/>
                }
            });
            let whole = !matches!(parameter.kind, Kind::Real { .. });
            view! {
                <input type="number" id=id aria-describedby=hint min=min max=max
                    step=if whole { "1".to_owned() } else { "any".to_owned() }
                    title=format!("{} to {}", format::setting(min), format::setting(max))
                    prop:value=move || format::setting(value.get())
                    on:change:target=move |event| {
                        commit(event.target().value().parse().unwrap_or(default));
                        // What was out of bounds or no number is shown as what it became.
                        event.target().set_value(&format::setting(value.get_untracked()));
                    }/>
                {slider}
            }
            .into_any()
        }
    };
    view! { <div class="control">{label}{input}</div> }.into_any()
}

/// One choice from the catalogue, with a sentence on what is chosen.
#[component]
pub fn ChoiceField(
    /// The shared state.
    lab: Lab,
    /// What it sets.
    control: ChoiceControl,
) -> impl IntoView {
    let ChoiceControl { target, label } = control;
    // Datasets come and go, and with the dataset may go methods.
    let options = Memo::new(move |_| {
        lab.settings.draft.with(|draft| lab.settings.catalogue.with(|catalogue| target.options(draft, catalogue)))
    });
    let id = target.id();
    let hint_id = format!("{id}-hint");
    let value = Memo::new(move |_| lab.settings.draft.with(|draft| target.read(draft).unwrap_or_default().to_owned()));
    let hint = Memo::new(move |_| {
        lab.settings.draft.with(|draft| lab.settings.catalogue.with(|catalogue| target.hint(draft, catalogue)))
    });
    let option = move |(id, name): (String, String)| {
        let own = id.clone();
        view! { <option value=id prop:selected=move || value.with(|value| *value == own)>{name}</option> }
    };
    view! {
        <div class="control choice">
            <label for=id.clone()>{label}</label>
            <select id=id aria-describedby=hint_id.clone() prop:value=value
                on:change:target=move |event| edit::choose(lab, target, &event.target().value())>
                {move || options.get().into_iter().map(option).collect_view()}
            </select>
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
    .into_any()
}
