//! Several runs at once: the form, how far they are, and what came of them.

use std::time::Duration;

use leptos::html::{Div, Input};
use leptos::prelude::*;

use super::compare::{Plane, Scores};
use crate::page::acts::sweep;
use crate::page::browser::hooks::{use_focus, use_size, use_throttled};
use crate::page::browser::most_workers;
use crate::page::panels::controls::ActionButton;
use crate::page::panels::curves::{described, legend, table};
use crate::page::panels::readable::Readable;
use crate::page::panels::save_menu::{Save, SaveMenu};
use crate::page::panels::term::head;
use crate::page::state::{Lab, Overlay};
use crate::view::chrome::actions::Action;
use crate::view::chrome::form::varies;
use crate::view::chrome::sweep::{Job, Plan, Row, SEEDS, Sweep, choices, estimate};
use crate::view::draw::chart::{self, Look};
use crate::view::draw::figure::standalone;
use crate::view::draw::format;
use crate::view::draw::series::Curves;
use crate::view::instruments::matrix::Metric;

/// What runs tell is shown twice a second at most.
const REDRAW_EVERY: Duration = Duration::from_millis(500);

/// The runs that the form asks for, or why there are none.
type Planned = Memo<Result<Vec<Job>, String>>;

/// The dialog.
#[component]
pub fn SweepDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let sweep = lab.sweeps.sweep;
    let over = Memo::new(move |_| sweep.with(|sweep| sweep.as_ref().is_none_or(Sweep::is_over)));
    let any = Memo::new(move |_| sweep.with(Option::is_some));
    let planned = Memo::new(move |_| {
        let jobs = lab
            .settings
            .draft
            .with(|base| lab.settings.catalogue.with(|known| lab.sweeps.plan.with(|plan| plan.jobs(base, known))));
        jobs.map(|(_, jobs)| jobs)
    });
    view! {
        <h2>"Sweep"</h2>
        <Form lab over planned/>
        <Show when=move || any.get()><Results lab planned/></Show>
        <div class="foot">
            <Show when=move || any.get()>
                <button type="button" class="plain" title="Choose them in the list of kept runs" on:click=move |_| {
                    lab.archive.choose(sweep.with_untracked(|it| it.as_ref().map(Sweep::ids).unwrap_or_default()));
                    lab.look.cover(Some(Overlay::Runs));
                }>"Compare in Runs"</button>
            </Show>
            <ActionButton lab action=Action::CopyLink class="plain">"Copy link"</ActionButton>
            <ActionButton lab action=Action::Sweep class="plain">"Close"</ActionButton>
        </div>
    }
    .into_any()
}

/// What is to be run.
#[component]
fn Form(
    /// The shared state.
    lab: Lab,
    /// Whether no sweep is under way.
    over: Memo<bool>,
    /// What it asks for.
    planned: Planned,
) -> impl IntoView {
    let (plan, workers) = (lab.sweeps.plan, lab.sweeps.workers);
    let field = NodeRef::<Input>::new();
    use_focus(field);
    // The method in the form is there from the start.
    if plan.with_untracked(|plan| plan.methods.is_empty()) {
        let own = lab.settings.draft.with_untracked(|draft| draft.stages.last().map(|stage| stage.method.id.clone()));
        lab.sweeps.ask(|plan| plan.methods.extend(own));
    }
    let known =
        move || lab.settings.draft.with(|base| lab.settings.catalogue.with(|catalogue| choices(base, catalogue)));
    let options = Memo::new(move |_| known().unwrap_or_default());
    let model = move || {
        let models = |base: &_| lab.settings.catalogue.with(|catalogue| varies(base, catalogue));
        format!("Methods of {}", lab.settings.draft.with(models))
    };
    let parameters = Memo::new(move |_| {
        let label = |plan: &Plan| {
            let all =
                |catalogue: &_| plan.parameters(catalogue).into_iter().map(|it| (it.id, it.label)).collect::<Vec<_>>();
            lab.settings.catalogue.with(all)
        };
        plan.with(label)
    });
    let varied = Memo::new(move |_| {
        let label = |plan: &Plan| {
            lab.settings.catalogue.with(|catalogue| plan.varied(catalogue).map(|it| it.parameter.clone()))
        };
        plan.with(label)
    });
    let runs = Memo::new(move |_| planned.with(|jobs| jobs.as_ref().map(Vec::len).map_err(String::clone)));
    // How many and about how long they take, or why there are none.
    let sentence = move || match runs.get() {
        Ok(runs) => {
            let time = |log: &_| lab.settings.draft.with(|base| estimate(log, base, runs, workers.get()));
            let time = lab.tape.with_own(time).map(|time| format!(", about {} of training", format::seconds(time)));
            let (seed, plural) = (lab.settings.draft.with(|base| base.seed), if runs == 1 { "run" } else { "runs" });
            let time = time.unwrap_or_default();
            format!("{runs} {plural} of the scenario in the form from seed {seed} on, on the CPU engine{time}.")
        }
        Err(reason) => reason,
    };
    let sentence = Memo::new(move |_| sentence());
    let method = move |(id, name): (String, String)| {
        let own = id.clone();
        let on = move || plan.with(|plan| plan.methods.contains(&own));
        let choose = move |on: bool| {
            lab.sweeps.ask(|plan| {
                plan.methods.retain(|it| *it != id);
                if on {
                    plan.methods.push(id.clone());
                }
            });
        };
        view! {
            <label><input type="checkbox" prop:checked=on on:change:target=move |event| choose(event.target().checked())/>{name}</label>
        }
    };
    let option = move |(id, label): (String, String)| {
        let selected = plan.with_untracked(|plan| plan.varied == id);
        view! { <option value=id selected=selected>{label}</option> }
    };
    let bounds = move || {
        let (min, max) = varied.get().map(|parameter| parameter.bounds()).unwrap_or_default();
        format!("{} to {}", format::setting(min), format::setting(max))
    };
    let most = most_workers();
    view! {
        <fieldset class="plan" disabled=move || !over.get()>
            <div class="methods" role="group" aria-label=model>
                {move || options.get().into_iter().map(method).collect_view()}
            </div>
            <label>"Seeds"
                <input type="number" min="1" max=SEEDS node_ref=field prop:value=plan.with_untracked(|plan| plan.seeds.to_string())
                    on:input:target=move |event| {
                        let seeds = event.target().value().parse().unwrap_or(0);
                        lab.sweeps.ask(|plan| plan.seeds = seeds);
                    }/>
            </label>
            <label>"Workers"
                <input type="number" min="1" max=most title=format!("1 to {most}: one processor core each, and one stays with the page")
                    prop:value=workers.get_untracked().to_string()
                    on:change:target=move |event| {
                        lab.sweeps.set_workers(event.target().value().parse().unwrap_or(most).clamp(1, most));
                        event.target().set_value(&workers.get_untracked().to_string());
                    }/>
            </label>
            <label>"Parameter"
                <select on:change:target=move |event| {
                    let id = event.target().value();
                    lab.sweeps.ask(|plan| plan.varied = id);
                }>
                    <option value="">"as in the form"</option>
                    {move || parameters.get().into_iter().map(option).collect_view()}
                </select>
            </label>
            <label hidden=move || varied.with(Option::is_none)>"Values"
                <input type="text" autocomplete="off" placeholder="0.1, 1, 10 or 0 to 2 in 5" title=bounds
                    prop:value=plan.with_untracked(|plan| plan.values.clone())
                    on:input:target=move |event| {
                        let values = event.target().value();
                        lab.sweeps.ask(|plan| plan.values = values);
                    }/>
            </label>
        </fieldset>
        <div class="go">
            <p role="status">{sentence}</p>
            // One button, so that the focus stays.
            <button type="button" class="primary" disabled=move || over.get() && runs.with(Result::is_err)
                on:click=move |_| if over.get_untracked() { sweep::start(lab) } else { sweep::cancel(lab) }>
                {move || if over.get() { "Start" } else { "Cancel" }}
            </button>
        </div>
    }
    .into_any()
}

/// How far the runs are, and what came of them.
#[component]
fn Results(
    /// The shared state.
    lab: Lab,
    /// What the form asks for by now.
    planned: Planned,
) -> impl IntoView {
    let sweep = lab.sweeps.sweep;
    let tick = use_throttled(move || sweep.track(), REDRAW_EVERY);
    let metric = RwSignal::new(Metric::Map);
    let status = Memo::new(move |_| {
        tick.track();
        read(lab, |sweep| (sweep.fraction(), sweep.status(js_sys::Date::now())))
    });
    let made_of = Memo::new(move |_| {
        tick.track();
        lab.settings.catalogue.with(|catalogue| read(lab, |sweep| sweep.made_of(catalogue)))
    });
    let differs = Memo::new(move |_| {
        tick.track();
        planned.with(|planned| match planned {
            Ok(jobs) => read(lab, |sweep| sweep.differs(jobs)),
            Err(_) => true,
        })
    });
    let rows = Memo::new(move |_| {
        tick.track();
        read(lab, Sweep::rows)
    });
    let comparison = Memo::new(move |_| {
        tick.track();
        let metric = metric.get();
        read(lab, |sweep| sweep.comparison(metric))
    });
    let curves = Memo::new(move |_| {
        tick.track();
        read(lab, Sweep::bands)
    });
    let finds = Memo::new(move |_| {
        tick.track();
        lab.settings.catalogue.with(|catalogue| read(lab, |sweep| sweep.finds(catalogue)))
    });
    let row = move |Row { name, state, cross, own }: Row| {
        let scores = finds.get().then(|| view! { <td>{cross}</td><td>{own}</td> });
        view! { <tr><th scope="row">{name}</th><td>{state}</td>{scores}</tr> }
    };
    let heads = move || finds.get().then(|| ["new/old", "new/new"].map(head).collect_view());
    view! {
        <div class="far">
            <progress max="1" aria-label="Progress of the sweep" prop:value=move || status.with(|it| it.0)></progress>
            <p>{move || status.with(|it| it.1.clone())}</p>
        </div>
        // The form may have become another meanwhile.
        <p class="hint">
            {move || made_of.get()}<span role="status">{move || differs.get().then_some(": not the form\u{2019}s")}</span>
        </p>
        <section class="compare" aria-label="Results">
            <div class="tries">
                <h3>"Runs of the sweep"</h3>
                <div class="scroll" tabindex="0" role="region" aria-label="Runs of the sweep">
                    <table>
                        <thead><tr><th scope="col">"Run"</th><th scope="col">"State"</th>{heads}</tr></thead>
                        <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </div>
            <Scores comparison metric/>
            <Show when=move || finds.get()>
                <Bands lab curves/>
                <Plane lab comparison metric/>
            </Show>
        </section>
    }
    .into_any()
}

/// Reads the sweep, untracked; what is read of none is what is read of an empty one.
fn read<T>(lab: Lab, read: impl FnOnce(&Sweep) -> T) -> T {
    lab.sweeps.sweep.with_untracked(|sweep| match sweep {
        Some(sweep) => read(sweep),
        None => read(&Sweep::default()),
    })
}

/// The live cross-test of each group.
#[component]
fn Bands(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    curves: Memo<Curves>,
) -> impl IntoView {
    let hidden = RwSignal::new(Vec::<String>::new());
    let shown = Memo::new(move |_| curves.with(|curves| hidden.with(|hidden| curves.without(hidden))));
    let nothing = Signal::derive(move || curves.with(|it| it.series.is_empty()));
    let place = NodeRef::<Div>::new();
    let size = use_size(place);
    let svg = Memo::new(move |_| match size.get() {
        _ if shown.with(|it| it.series.is_empty()) => String::new(),
        (0, _) | (_, 0) => String::new(),
        size => {
            let look = Look { palette: lab.look.palette(), size, smoothing: 0.0, cursor: None };
            shown.with(|it| chart::svg(it, &look)).unwrap_or_else(|error| error.to_string())
        }
    });
    let document = Signal::derive(move || {
        shown.with(|it| svg.with(|svg| standalone(svg, it, &lab.look.palette(), size.get(), 0.0)))
    });
    let options =
        vec![Save::Png(document), Save::Svg(document), Save::Csv(Signal::derive(move || curves.with(Curves::csv)))];
    let name = Signal::derive(move || {
        lab.sweeps.sweep.track();
        format!("{}-sweep-cross-test", read(lab, Sweep::preset))
    });
    view! {
        <div class="curves bands">
            <header>
                <h3>"Cross-test over the training"</h3>
                <SaveMenu lab several=true what=name options disabled=nothing/>
            </header>
            <ul class="key legend" aria-label="Groups to show">{move || legend(lab, &curves.get(), hidden)}</ul>
            <Readable lab curves=Signal::derive(move || Some(shown.get())) svg words=Signal::derive(move || shown.with(described))
                place size timed=Signal::stored(false) seek=Callback::new(|_: f64| ())/>
            <p class="hint" hidden=move || !nothing.get()>{move || curves.with(|it| it.empty)}</p>
            <details hidden=nothing>
                <summary>{move || curves.with(|it| it.caption.clone())}<span class="more">" Numbers"</span></summary>
                {move || table(&shown.get())}
            </details>
        </div>
    }
    .into_any()
}
