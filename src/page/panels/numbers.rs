//! Readings of any quantity that the run declared: over the training of each model, or over the models.

use leptos::html::Div;
use leptos::prelude::*;
use protocol::{ModelId, RunLog};

use super::controls::{Menu, Switch, Title};
use super::curves::{described, legend, table};
use super::readable::Readable;
use super::save_menu::{Save, SaveMenu};
use crate::page::browser::hooks::use_size;
use crate::page::state::Lab;
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::axis::{Axis, nearest_moment};
use crate::view::draw::chart::{self, Look};
use crate::view::draw::figure::standalone;
use crate::view::draw::series::Curves;
use crate::view::instruments::numbers::{self, Choice, Of, Over};

/// The curves of one quantity, with a menu of all.
#[component]
pub fn NumbersPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    // None follows the first quantity, what that can be drawn over, and what of it fits.
    let (wanted, wanted_over) = (RwSignal::new(None::<String>), RwSignal::new(None::<Over>));
    let wanted_of = RwSignal::new(None::<Of>);
    let axis = RwSignal::new(Axis::Steps);
    let hidden = RwSignal::new(Vec::<String>::new());
    let tick = lab.tape.redraws();
    let choices = Memo::new(move |_| {
        // A memo that was never read tells nobody that it changed.
        tick.get();
        untrack(|| lab.tape.with_newest(numbers::shown))
    });
    let choice = Memo::new(move |_| {
        choices.with(|all| wanted.with(|id| all.iter().find(|it| Some(&it.id) == id.as_ref()).or(all.first()).cloned()))
    });
    let over = Memo::new(move |_| {
        choice.with(|choice| choice.as_ref().map(|it| it.nearest(wanted_over.get())).unwrap_or_default())
    });
    let of = Memo::new(move |_| {
        let of = |choice: &Option<Choice>| {
            wanted_of.with(|wanted| choice.as_ref().map_or(Of::All, |it| it.of(wanted.as_ref())))
        };
        choice.with(of)
    });
    let curves = Memo::new(move |_| {
        tick.track();
        let (over, axis) = (over.get(), axis.get());
        let id = choice.with(|choice| choice.as_ref().map(|it| it.id.clone()))?;
        let drawn = |log: &RunLog, of: &Of| Some(numbers::curves(log, log.quantity(&id)?, of, over, axis));
        of.with(|of| untrack(|| lab.tape.with_newest(|log| drawn(log, of))))
    });
    let shown = Memo::new(move |_| curves.with(|it| hidden.with(|hidden| it.as_ref().map(|it| it.without(hidden)))));
    let nothing = Memo::new(move |_| curves.with(|it| it.as_ref().is_none_or(|it| it.series.is_empty())));
    // Where the moment on show lies.
    let cursor = Memo::new(move |_| {
        let (trained, step) = lab.tape.trained()?;
        match over.get() {
            Over::Training => untrack(|| lab.tape.with_newest(|log| axis.get().at(log, trained, step))),
            Over::Models => Some(f64::from(trained.stage)),
            Over::Columns => None,
        }
    });
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Memo::new(move |_| {
        let (palette, size, cursor) = (lab.look.palette(), size.get(), cursor.get());
        shown.with(|curves| match curves {
            Some(curves) if !curves.series.is_empty() && size.0 > 0 && size.1 > 0 => {
                let look = Look { palette, size, smoothing: 0.0, cursor };
                chart::svg(curves, &look).unwrap_or_else(|error| error.to_string())
            }
            _ => String::new(),
        })
    });
    let seek = move |at: f64| {
        let x = shown.with_untracked(|it| it.as_ref().map(|it| it.x)).unwrap_or_default();
        let steps = lab.tape.steps();
        let moment = match over.get_untracked() {
            Over::Training => {
                let model = lab.focus.upgrade.get_untracked().new;
                untrack(|| lab.tape.with_newest(|log| nearest_moment(x, log, &steps, model, at)))
            }
            Over::Models => last_of(&steps, at),
            // Its places are no moments.
            Over::Columns => None,
        };
        if let Some(moment) = moment {
            lab.tape.seek(Some(moment));
        }
    };
    let document = Signal::derive(move || {
        let of = |it: &Curves| svg.with(|svg| standalone(svg, it, &lab.look.palette(), size.get(), 0.0));
        shown.with(|it| it.as_ref().map(of)).unwrap_or_default()
    });
    let file = Signal::derive(move || curves.with(|it| it.as_ref().map(Curves::csv)).unwrap_or_default());
    let id = Memo::new(move |_| choice.with(|choice| choice.as_ref().map(|it| it.id.clone()).unwrap_or_default()));
    let axes = Axis::TRAINING.map(|axis| (axis, axis.name())).to_vec();
    let overs = Memo::new(move |_| choice.with(|it| it.as_ref().map(|it| it.over.clone()).unwrap_or_default()));
    let over_switch = move || {
        let options = overs.get().into_iter().map(|(over, text)| (over, Signal::stored(text))).collect::<Vec<_>>();
        let set = SignalSetter::map(move |it| wanted_over.set(Some(it)));
        (options.len() > 1).then(|| view! { <Switch label="Over" options value=over set/> })
    };
    let option = move |Choice { id: this, name, .. }: Choice| {
        let own = this.clone();
        view! { <option value=this prop:selected=move || id.with(|id| *id == own)>{name}</option> }
    };
    let parts = Memo::new(move |_| choice.with(|it| it.as_ref().map(|it| it.parts.clone()).unwrap_or_default()));
    let part = move |part: String| {
        let (own, name) = (Of::Part(part.clone()), if part.is_empty() { "the whole".to_owned() } else { part.clone() });
        view! { <option value=part prop:selected=move || of.with(|of| *of == own)>{name}</option> }
    };
    let pick_part = move |place: i32| {
        let part = usize::try_from(place - 1).ok().and_then(|at| parts.with_untracked(|it| it.get(at).cloned()));
        wanted_of.set(Some(part.map_or(Of::All, Of::Part)));
    };
    let words = move || shown.with(|it| it.as_ref().map(described)).unwrap_or_default();
    view! {
        <section class="panel curves numbers" aria-labelledby="numbers-title">
            <header>
                <Title lab of=Instrument::Numbers/>
                <select class="menu-select" aria-label="Quantity" hidden=nothing
                    on:change:target=move |event| wanted.set(Some(event.target().value()))>
                    {move || choices.get().into_iter().map(option).collect_view()}
                </select>
                <Show when=move || over.get() != Over::Columns && parts.with(|it| it.len() > 1)>
                    <select class="menu-select" aria-label="Part"
                        on:change:target=move |event| pick_part(event.target().selected_index())>
                        <option prop:selected=move || of.with(|of| *of == Of::All)>"all parts"</option>
                        {move || parts.get().into_iter().map(part).collect_view()}
                    </select>
                </Show>
                {over_switch}
                <span hidden=move || nothing.get() || over.get() != Over::Training>
                    <Menu label="Horizontal axis" options=axes value=axis/>
                </span>
                <SaveMenu lab what=id options=vec![Save::Png(document), Save::Svg(document), Save::Csv(file)] disabled=nothing/>
            </header>
            <div class="figure">
                <div class="key">
                    <ul class="legend" aria-label="Curves to show">
                        {move || curves.with(|it| it.as_ref().map(|it| legend(lab, it, hidden)))}
                    </ul>
                </div>
                <Readable lab curves=shown svg words=Signal::derive(words) place size
                    timed=Signal::derive(move || over.get() != Over::Columns) seek=Callback::new(seek)/>
                <p class="empty" hidden=move || !nothing.get()>
                    "Numbers beside losses and retrieval, as the accuracy on each task, appear here once there are two of a kind."
                </p>
            </div>
            <Show when=move || !nothing.get()>
                <details class="data">
                    <summary>
                        {move || curves.with(|it| it.as_ref().map(|it| it.caption.clone()))}
                        <span class="more">" Numbers"</span>
                    </summary>
                    {move || shown.with(|it| it.as_ref().map(table))}
                </details>
            </Show>
        </section>
    }
    .into_any()
}

/// The last moment at which the model trained that stands nearest to a place on the axis of models.
fn last_of(steps: &[(usize, ModelId, u32)], at: f64) -> Option<usize> {
    let away = |step: &(usize, ModelId, u32)| (f64::from(step.1.stage) - at).abs();
    let nearest = steps.iter().map(away).min_by(f64::total_cmp)?;
    steps.iter().rev().find(|step| away(step) <= nearest).map(|step| step.0)
}
