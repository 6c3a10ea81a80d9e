//! What the models made: points of the plane, pictures, sentences, at the moment on show.

use leptos::html::Div;
use leptos::prelude::*;
use protocol::{Exhibit, ModelId, Things};

use super::controls::Title;
use super::save_menu::{Save, SaveMenu};
use crate::page::browser::hooks::use_size;
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::chart::ChartError;
use crate::view::draw::theme::css;
use crate::view::instruments::exhibit_drawing::{Drawing, document, draw, drawn};
use crate::view::instruments::exhibits::{self, Choice, Extent, Group, Twin};

/// What a panel shows of things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Points,
    Pixels,
    Words,
}

impl Kind {
    fn of(things: &Things) -> Self {
        match things {
            Things::Points { .. } => Self::Points,
            Things::Pixels { .. } => Self::Pixels,
            Things::Words(_) => Self::Words,
        }
    }
}

/// The things of one name of one model, with menus of both.
#[component]
pub fn ExhibitsPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    // None follows the first name, and the newest model.
    let (wanted, model) = (RwSignal::new(None::<String>), RwSignal::new(None::<ModelId>));
    let choices = Memo::new(move |_| lab.tape.log.with(exhibits::choices));
    let shown = Memo::new(move |_| {
        let model = model.get();
        wanted.with(|id| lab.tape.log.with(|log| exhibits::chosen(log, id.as_deref(), model).cloned()))
    });
    let choice = Memo::new(move |_| {
        shown.with(|it| it.as_ref().and_then(|it| choices.with(|all| all.iter().find(|all| all.id == it.id).cloned())))
    });
    let kind = Memo::new(move |_| shown.with(|it| it.as_ref().map(|it| Kind::of(&it.things))));
    let id = Memo::new(move |_| shown.with(|it| it.as_ref().map(|it| it.id.clone()).unwrap_or_default()));
    let extent = Memo::new(move |_| id.with(|id| lab.tape.with_newest(|log| Extent::of(log, id))));
    let groups = Memo::new(move |_| {
        shown.with(|it| {
            it.as_ref().map(|it| lab.tape.log.with_untracked(|log| exhibits::groups(log, it))).unwrap_or_default()
        })
    });
    let behind = Memo::new(move |_| {
        shown.with(|it| it.as_ref().and_then(|it| lab.tape.log.with(|log| exhibits::behind(log, it).cloned())))
    });
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let drawing = Memo::new(move |_| {
        let (palette, size) = (lab.look.palette(), size.get());
        let drawn = |it: &Exhibit| {
            let failed = |error: ChartError| Drawing { svg: error.to_string(), size };
            behind.with(|behind| draw(it, behind.as_ref(), &extent.get(), &palette, size)).unwrap_or_else(failed)
        };
        shown.with(|it| it.as_ref().filter(|_| size.0 > 0 && size.1 > 0).map(drawn).unwrap_or_default())
    });
    let seen = Memo::new(move |_| drawn(extent.get(), size.get()));
    let caption = Memo::new(move |_| {
        let caption = |it: &Exhibit| behind.with(|behind| exhibits::caption(it, behind.as_ref(), &seen.get()));
        shown.with(|it| it.as_ref().map(caption)).unwrap_or_default()
    });
    let words = move || {
        let described = |it: &Exhibit| {
            let of = |groups: &Vec<Group>| {
                behind.with(|behind| exhibits::described(it, behind.as_ref(), groups, &seen.get()))
            };
            groups.with(of)
        };
        shown.with(|it| it.as_ref().map(described)).unwrap_or_default()
    };
    let file = Signal::derive(move || {
        let text = |it: &Exhibit| lab.tape.log.with(|log| exhibits::things_csv(log, it));
        shown.with(|it| it.as_ref().map(text)).unwrap_or_default()
    });
    let picture = Signal::derive(move || {
        let palette = lab.look.palette();
        groups.with(|groups| drawing.with(|it| document(&it.svg, groups, caption.get(), &palette, it.size)))
    });
    let what = Signal::derive(move || {
        let name = |it: &Exhibit| format!("{}-{}-step{}", it.id, it.model.file_stem(), it.step);
        shown.with(|it| it.as_ref().map(name)).unwrap_or_default()
    });
    let nothing = Signal::derive(move || shown.with(Option::is_none));
    let save = move || {
        let csv = Save::Csv(file);
        let options = match kind.get() {
            Some(Kind::Words) => vec![csv],
            _ => vec![Save::Png(picture), Save::Svg(picture), csv],
        };
        view! { <SaveMenu lab what options disabled=nothing/> }
    };
    let named = move |Choice { id: this, title, .. }: Choice| {
        let own = this.clone();
        view! { <option value=this prop:selected=move || id.with(|id| *id == own)>{title}</option> }
    };
    let of_model = move |this: ModelId| {
        let on = move || shown.with(|it| it.as_ref().is_some_and(|it| it.model == this));
        view! {
            <button type="button" aria-pressed=move || on().to_string() on:click=move |_| model.set(Some(this))>
                {this.to_string()}
            </button>
        }
    };
    let models = Memo::new(move |_| choice.with(|it| it.as_ref().map(|it| it.models.clone()).unwrap_or_default()));
    let pixels = move || kind.get() == Some(Kind::Pixels);
    let drawn = move || matches!(kind.get(), Some(Kind::Points | Kind::Pixels));
    view! {
        <section class="panel exhibits" aria-labelledby="exhibits-title">
            <header>
                <Title lab of=Instrument::Exhibits/>
                <Show when=move || choices.with(|it| it.len() > 1)>
                    <select class="menu-select" aria-label="Exhibit"
                        on:change:target=move |event| wanted.set(Some(event.target().value()))>
                        {move || choices.get().into_iter().map(named).collect_view()}
                    </select>
                </Show>
                <Show when=move || models.with(|it| it.len() > 1)>
                    <div class="switch" role="group" aria-label="Model">
                        {move || models.get().into_iter().map(of_model).collect_view()}
                    </div>
                </Show>
                {save}
            </header>
            <ul class="legend" aria-label="Classes" hidden=move || kind.get() != Some(Kind::Points)>
                {move || groups.get().into_iter().map(|group| entry(lab, group)).collect_view()}
                {move || behind.with(|behind| behind.as_ref().map(|ground| ground_entry(lab, ground)))}
            </ul>
            <div class="drawing" class:pixels=pixels tabindex=move || pixels().then_some("0") node_ref=place hidden=move || !drawn()>
                <div role="img" aria-label=words inner_html=move || drawing.with(|it| it.svg.clone())></div>
            </div>
            {move || shown.with(|it| match it.as_ref().map(|it| &it.things) {
                Some(Things::Words(words)) => list(words).into_any(),
                Some(_) => ().into_any(),
                None => view! {
                    <p class="empty">"What the models make, as points, pictures or sentences, appears here when they show it."</p>
                }.into_any(),
            })}
            <Show when=move || kind.get() == Some(Kind::Words)><p class="caption">{caption}</p></Show>
            <Show when=drawn>
                <details class="data">
                    <summary>{caption}<span class="more">" Numbers"</span></summary>
                    {move || shown.with(|it| it.as_ref().map(|it| twin(lab.tape.log.with_untracked(|log| exhibits::twin(log, it)))))}
                </details>
            </Show>
        </section>
    }
    .into_any()
}

/// A class of points with what stands for it.
fn entry(lab: Lab, group: Group) -> impl IntoView {
    let palette = lab.look.palette();
    let ink = group.class.map_or(palette.new, |class| palette.class(usize::from(class)));
    view! {
        <li>
            <span class="glyph" style:color=css(ink) aria-hidden="true">{exhibits::glyph(group.class)}</span>
            <span>{group.name}</span>" "<b>{group.count}</b>
        </li>
    }
}

/// What points are seen against.
fn ground_entry(lab: Lab, ground: &Exhibit) -> impl IntoView + use<> {
    view! {
        <li>
            <span class="glyph" style:color=css(lab.look.palette().muted) aria-hidden="true">{exhibits::glyph(None)}</span>
            <span>{ground.title.clone()}</span>
        </li>
    }
}

fn list(words: &[String]) -> impl IntoView + use<> {
    let lines = words.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
    view! { <div class="scroll" tabindex="0" role="region" aria-label="What the model said"><ol>{lines}</ol></div> }
}

/// The things as rows.
fn twin(twin: Twin) -> impl IntoView {
    let Twin { head, rows, every } = twin;
    let row = |fields: Vec<String>| {
        let mut fields = fields.into_iter();
        let first = fields.next();
        view! { <tr><th scope="row">{first}</th>{fields.map(|field| view! { <td>{field}</td> }).collect_view()}</tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers behind the drawing">
            <table>
                <thead><tr>{head.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
            {(every > 1).then(|| view! { <p class="hint">{format!("Every {every}th row is listed; the file has all.")}</p> })}
        </div>
    }
}
