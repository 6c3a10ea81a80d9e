//! What to do when an embedding model is replaced: vectors in, a decision with its report out.

use leptos::html::{Button, H3, Input};
use leptos::prelude::*;
use protocol::{Decision, ReportPart, ReportSection};

use super::answers::Lookup;
use crate::page::acts::decide;
use crate::page::browser::files::click;
use crate::page::browser::hooks::take_lost_focus;
use crate::page::panels::controls::ActionButton;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::deciding::{ACCEPTED, Asked, Deciding, Demo, Leaf, Leaves, opens, sentence, spans};

/// Ids of the inputs that open the browser's choice of files and of a folder.
const FILES: &str = "vectors";
const FOLDER: &str = "folder-of-vectors";
/// Id of what is wrong with the fields.
const PROBLEMS: &str = "problems-of-the-question";

/// What stands in the dialog.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// What is asked for.
    Nothing,
    /// How far it is.
    Working,
    /// A question, a report or a refusal.
    Over,
}

/// The dialog.
#[component]
pub fn DecideDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let at = lab.deciding.at;
    let place = Memo::new(move |_| {
        at.with(|at| match at {
            Deciding::Nothing => Place::Nothing,
            Deciding::Working { .. } => Place::Working,
            Deciding::Asking { .. } | Deciding::Decided(_) | Deciding::Refused(_) => Place::Over,
        })
    });
    let dropped = window_event_listener(leptos::ev::drop, move |event| {
        decide::bring(lab, event.data_transfer().and_then(|data| data.files()));
    });
    on_cleanup(move || dropped.remove());
    let content = move || match place.get() {
        Place::Nothing => view! { <Needed/><Demos lab/> }.into_any(),
        Place::Working => view! { <UnderWay lab/> }.into_any(),
        // It is told once, and read for long.
        Place::Over => at.with(|at| over(lab, at)),
    };
    view! {
        <h2>"Re-index, bridge, cascade or stay?"</h2>
        <p class="hint">
            "An embedding model is to be replaced. Measured on your own queries: what an upgrade buys, whether something cheaper than a full \
             re-index does, and which queries break. Your vectors stay in this browser and are kept nowhere."
        </p>
        <Question lab/>
        {content}
        <div class="foot">
            {move || (place.get() == Place::Over).then(|| view! { <button type="button" class="plain" on:click=move |_| decide::cancel(lab)>"Start over"</button> })}
            <ActionButton lab action=Action::Decide class="plain">"Close"</ActionButton>
        </div>
    }
    .into_any()
}

/// What is handed in and asked.
#[component]
fn Question(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let settings = lab.deciding.settings;
    let problems = RwSignal::new(vec![None::<String>; Asked::ALL.len()]);
    let (files, folder) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let take = move |input: NodeRef<Input>| {
        if let Some(input) = input.get_untracked() {
            decide::bring(lab, input.files());
            // The same files can be chosen once more.
            input.set_value("");
        }
    };
    let field = move |(at, asked): (usize, Asked)| {
        let told = move |problem: Option<String>| {
            problems.update(|all| all.iter_mut().skip(at).take(1).for_each(|of| of.clone_from(&problem)))
        };
        let wrong = move || problems.with(|all| all.get(at).is_some_and(Option::is_some));
        let value = move || settings.with(|settings| asked.shown(settings));
        let write =
            move |event: leptos::ev::Event| match asked.take(settings.get_untracked(), &event_target_value(&event)) {
                Ok(settings) => {
                    told(None);
                    lab.deciding.ask(settings);
                }
                Err(why) => told(Some(why)),
            };
        view! {
            <label class="field">
                <span>{asked.label()}</span>
                <input type="text" inputmode="decimal" autocomplete="off" prop:value=value on:change=write
                    aria-invalid=move || wrong().then_some("true") aria-describedby=move || wrong().then_some(PROBLEMS)/>
            </label>
        }
    };
    let anew = move |_| decide::again(lab);
    // Whether there are files changes with what becomes of them alone.
    let can = move || lab.deciding.at.with(|at| !at.is_working()) && decide::has_files();
    view! {
        <div class="question">
            <div class="bring">
                <button type="button" class="primary" on:click=|_| click(FILES)>"Choose files"</button>
                <button type="button" class="plain" on:click=|_| click(FOLDER)>"Choose a folder"</button>
                <span class="hint">"or drop files here"</span>
                <input id=FILES node_ref=files class="hidden" type="file" multiple accept=ACCEPTED tabindex="-1"
                    aria-label="Vectors of both models" on:change=move |_| take(files)/>
                <input id=FOLDER node_ref=folder class="hidden" type="file" multiple prop:webkitdirectory=true tabindex="-1"
                    aria-label="Folder with the vectors of both models" on:change=move |_| take(folder)/>
            </div>
            <div class="fields">
                {Asked::ALL.into_iter().enumerate().map(field).collect_view()}
                <button type="button" class="plain" disabled=move || !can() on:click=anew>"Decide again"</button>
            </div>
            <p id=PROBLEMS class="problem" role="alert">{move || problems.with(|all| all.iter().flatten().cloned().collect::<Vec<_>>().join(" "))}</p>
        </div>
    }
    .into_any()
}

/// Which files are needed.
#[component]
fn Needed() -> impl IntoView {
    view! {
        <ul class="needed">
            <li><b>"Documents under both models"</b>": the same ones, as " <code>"old_corpus.npy"</code>" and " <code>"new_corpus.npy"</code>
                ", also .npz, .safetensors, .parquet, .feather, .jsonl, .json, .csv, packed or in a zip. From 2 to 4,096 dims, the two may differ."</li>
            <li><b>"Queries under both models"</b>", as " <code>"old_queries.npy"</code>" and " <code>"new_queries.npy"</code>
                ". Without queries documents ask for each other, and the answer is provisional."</li>
            <li><b>"Ids"</b>", as " <code>"corpus_ids.txt"</code>" and " <code>"query_ids.txt"</code>
                ", where rows are not in the same order."</li>
            <li><b>"What is relevant"</b>": judgements as TREC or BEIR have them (" <code>"qrels/test.tsv"</code>"), labels (" <code>"labels.csv"</code>
                "), or nothing."</li>
        </ul>
    }
    .into_any()
}

/// Real text models that can be decided about at once.
#[component]
fn Demos(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let heading = NodeRef::<H3>::new();
    take_lost_focus(heading);
    let choice = |demo: Demo| {
        view! { <button type="button" class="plain" on:click=move |_| decide::demo(lab, demo)>{demo.label}</button> }
    };
    view! {
        <section class="demos">
            <h3 tabindex="-1" node_ref=heading>"Decide with real text models"</h3>
            <p class="hint">
                "Definitions of WordNet as documents; example sentences and single words as queries. GloVe is a mean of word vectors of 2014, MiniLM \
                 a transformer of 2021. Afterwards look up a query and read what each option retrieves. "
                <a href="text/NOTICE.txt" target="_blank" rel="noopener">"Origin and licences"</a>"."
            </p>
            <div class="choices">{Demo::ALL.map(choice).collect_view()}</div>
        </section>
    }
    .into_any()
}

/// How far it is, and the way out.
#[component]
fn UnderWay(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let at = lab.deciding.at;
    let of = move |at: &Deciding| match at {
        Deciding::Working { stage, share } => (stage.clone(), *share),
        _ => (String::new(), 1.0),
    };
    // The stage is heard when it changes, the share only when somebody asks for it.
    let stage = Memo::new(move |_| at.with(|at| of(at).0));
    let way_out = NodeRef::<Button>::new();
    take_lost_focus(way_out);
    view! {
        <div class="under-way">
            <p role="status">{move || format!("At work: {}.", stage.get())}</p>
            <progress max="1" aria-label="Progress of the decision" prop:value=move || at.with(|at| of(at).1)></progress>
            <button type="button" class="plain" node_ref=way_out on:click=move |_| decide::cancel(lab)>"Cancel"</button>
        </div>
    }
    .into_any()
}

fn over(lab: Lab, at: &Deciding) -> AnyView {
    match at {
        Deciding::Asking { models, why } => {
            let choice = |name: &String| {
                let (label, name) = (name.clone(), name.clone());
                view! { <button type="button" class="plain" on:click=move |_| decide::take_for_old(lab, name.clone())>{label}</button> }
            };
            view! {
                <div class="asking" role="group" aria-label="Which model is the old one?">
                    <p role="alert">"Which model is the old one? "{sentence(why)}</p>
                    <div class="choices">{models.iter().map(choice).collect_view()}</div>
                </div>
            }
            .into_any()
        }
        Deciding::Decided(decision) => report(lab, decision),
        Deciding::Refused(why) => {
            view! { <p class="problem" role="alert">"Nothing was decided. "{why.clone()}</p> }.into_any()
        }
        Deciding::Nothing | Deciding::Working { .. } => ().into_any(),
    }
}

fn report(lab: Lab, decision: &Decision) -> AnyView {
    let Leaves { whole, reports, lists, bridges } = Leaves::of(&decision.paths);
    let group = move |name: &'static str, open: bool, leaves: Vec<Leaf>| {
        let button = move |leaf: Leaf| {
            let name = leaf.name.clone();
            view! { <li><button type="button" class="plain" on:click=move |_| decide::save(lab, &leaf)>{name}</button></li> }
        };
        (!leaves.is_empty()).then(|| {
            let title = if open { name.to_owned() } else { format!("{name} ({})", leaves.len()) };
            view! { <details open=open><summary>{title}</summary><ul class="files">{leaves.into_iter().map(button).collect_view()}</ul></details> }
        })
    };
    // The decision itself first, then what anyone can try.
    let mut sections = decision.sections.iter().enumerate();
    let first = sections.next().map(|(_, first)| section(first));
    let others = sections.map(|(at, other)| folded(other, opens(at))).collect_view();
    let (answers, asked) = (decision.answers.clone(), !decision.answers.queries.is_empty());
    let title = NodeRef::<H3>::new();
    take_lost_focus(title);
    let said = decision.said.iter().map(|sentence| view! { <p class="hint">{sentence.clone()}</p> }).collect_view();
    view! {
        <article class="decision" aria-label="The decision">
            <div role="status"><h3 tabindex="-1" node_ref=title>{decision.title.clone()}</h3></div>
            {first}
            {asked.then(|| view! { <Lookup answers/> })}
            {others}
            <section>
                <h3>"Take it home"</h3>
                {group("Everything", true, whole)}
                {group("Report", true, reports)}
                {group("Queries that break", false, lists)}
                {group("The bridge, with what applies it", false, bridges)}
                {said}
            </section>
        </article>
    }
    .into_any()
}

fn section(section: &ReportSection) -> AnyView {
    view! { <section><h3>{section.title.clone()}</h3>{parts(section)}</section> }.into_any()
}

/// A section that can be closed, and opened.
fn folded(section: &ReportSection, open: bool) -> AnyView {
    view! { <details open=open><summary><h3>{section.title.clone()}</h3></summary>{parts(section)}</details> }
        .into_any()
}

fn parts(ReportSection { title, parts }: &ReportSection) -> AnyView {
    let part = |part: &ReportPart| match part {
        ReportPart::Lead(sentence) => view! { <p class="lead">{sentence.clone()}</p> }.into_any(),
        ReportPart::Text(sentence) => view! { <p>{sentence.clone()}</p> }.into_any(),
        ReportPart::List(of, sentences) => {
            let items = sentences.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
            view! { <h4>{of.clone()}</h4><ul>{items}</ul> }.into_any()
        }
        ReportPart::Table(head, rows) => table(title, head, rows),
        // The decider made it, and escaped what came from files.
        ReportPart::Drawing(figure) => view! { <div class="drawing" inner_html=figure.clone()></div> }.into_any(),
    };
    parts.iter().map(part).collect_view().into_any()
}

fn table(title: &str, head: &[String], rows: &[Vec<String>]) -> AnyView {
    let row = |cells: &Vec<String>| {
        let left = spans(head.len(), cells.len());
        let (name, cells) = cells.split_first().unzip();
        let cells: &[String] = cells.unwrap_or_default();
        let cell = |(at, cell): (usize, &String)| {
            let span = (at + 1 == cells.len() && left > 1).then_some(left.to_string());
            view! { <td colspan=span>{cell.clone()}</td> }
        };
        view! { <tr><th scope="row">{name.cloned()}</th>{cells.iter().enumerate().map(cell).collect_view()}</tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=title.to_owned()>
            <table>
                <thead><tr>{head.iter().map(|cell| view! { <th scope="col">{cell.clone()}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
