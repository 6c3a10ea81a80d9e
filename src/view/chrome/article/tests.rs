//! The article that ships, against the runs and the catalogue that ship with it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use protocol::Recording;

use super::number::amount;
use super::*;
use crate::view::chrome::arrangement::{Arrangement, Offer};
use crate::view::chrome::sections::read;

fn shipped() -> Vec<Part> {
    Part::all(read(include_str!("../../../../public/article.md")).unwrap())
}

fn catalogue() -> Catalogue {
    serde_json::from_str(include_str!("../../../../public/catalogue.json")).unwrap()
}

/// The recorded runs that the article is about.
fn recorded() -> BTreeMap<String, Recording> {
    let runs: BTreeSet<String> = shipped().iter().map(|part| part.run().to_owned()).collect();
    let recording = |run: String| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("public/runs/{run}.jsonl.gz"));
        let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        let mut recording = Recording::default();
        text.lines().enumerate().for_each(|(at, line)| recording.push_line(at + 1, line).unwrap());
        (run, recording)
    };
    runs.into_iter().map(recording).collect()
}

#[test]
fn it_has_ten_parts_on_a_new_model_and_one_on_every_other_kind_that_can_be_run() {
    let (parts, catalogue) = (shipped(), catalogue());
    let of_kind = |kind| parts.iter().filter(|part| part.kind() == kind).count();
    assert_eq!(of_kind(UpgradeKind::Retrain), 10);
    for preset in &catalogue.presets {
        let kind = catalogue.kind_of(&preset.scenario);
        assert!(of_kind(kind) > 0, "{} has no part", kind.title());
    }
    for part in &parts {
        let preset = catalogue.preset(part.run()).unwrap_or_else(|| panic!("{}: no preset {}", part.id(), part.run()));
        assert_eq!(catalogue.kind_of(&preset.scenario), part.kind(), "{}", part.id());
    }
    let ids: BTreeSet<&str> = parts.iter().map(Part::id).collect();
    assert_eq!(ids.len(), parts.len());
}

#[test]
fn parts_are_short_and_name_nothing_that_is_not_there() {
    const KEYS: [&str; 15] = [
        "run", "kind", "figure", "bar", "caption", "region", "large", "at", "stage", "filter", "curves", "index",
        "look", "claims", "expect",
    ];
    let (catalogue, style) = (catalogue(), include_str!("../../../../style/tour.css"));
    for part in shipped() {
        let (id, section, scene) = (part.id(), &part.section, part.scene());
        let words: usize = section.paragraphs.iter().map(|text| text.split_whitespace().count()).sum();
        assert!((50..190).contains(&words), "{id}: {words} words");
        assert!(part.title().len() < 60 && (20..200).contains(&part.spot().look.len()), "{id}");
        for key in section.keys() {
            assert!(KEYS.contains(&key), "{id}: {key}");
        }
        let rule = format!("[data-tour=\"{0}\"] .{0}", scene.region);
        assert!(style.contains(&rule), "{id}: tour.css lacks {rule}");
        // What is written is what is understood.
        let understood = [
            ("large", scene.large.is_some()),
            ("at", scene.moment.is_some()),
            ("stage", scene.stage.is_some()),
            ("filter", scene.filter != Filter::All),
            ("curves", scene.curves != Kind::Retrieval),
            ("index", scene.index.is_some()),
            ("kind", part.kind() != UpgradeKind::Retrain),
        ];
        for (key, known) in understood {
            assert_eq!(section.setting(key).is_some(), known, "{id}: {key}");
        }
        let claims: Vec<(&str, &str)> = part.leans_on().collect();
        let judged = part.claims(&catalogue);
        assert_eq!(judged.len(), claims.len(), "{id}: one of {claims:?} is not in the report");
        for ((claim, found), line) in claims.into_iter().zip(judged) {
            assert_eq!(found, line.finding.in_words(), "{id}: what the report finds of {claim}");
        }
        let all = section.paragraphs.iter().map(String::as_str).chain([part.setting("caption")]);
        for piece in all.flat_map(pieces) {
            if let Piece::Words(words) = piece {
                assert!(!words.contains(['[', ']', '{', '}']), "{id}: '{words}' is no term or number");
                let known = ["v1", "v2", "v3", "v4", "v5", "v6", "v7", "BT\u{b2}"];
                let rest = known.iter().fold(words.clone(), |words, name| words.replace(name, ""));
                assert!(!rest.chars().any(|letter| letter.is_ascii_digit()), "{id}: a number is typed in '{words}'");
            }
        }
    }
}

#[test]
fn every_number_figure_and_moment_is_in_its_run_and_what_it_says_of_them_is_so() {
    let (runs, catalogue) = (recorded(), catalogue());
    let logs: BTreeMap<&str, RunLog> = runs.iter().map(|(run, it)| (run.as_str(), it.at(usize::MAX))).collect();
    let mut wrong = Vec::new();
    for part in shipped() {
        let (id, log, recording) = (part.id(), &logs[part.run()], &runs[part.run()]);
        let drawn = part.drawn(log);
        let caption = part.caption();
        for piece in part.paragraphs.iter().flatten().chain(&caption) {
            if let Piece::Number(what) = piece {
                assert!(drawn.numbers.contains_key(what), "{id}: the run has no '{what}'");
            }
        }
        assert!(drawn.figure.is_some(), "{id}: the run has nothing for its figure");
        if let Some(Figure::Chart(curves)) = &drawn.figure {
            let told = |&at: &f64| curves.reading(at).values.iter().any(|it| it.point.0 == at);
            let places = curves.places();
            assert!(places.len() > 1 && places.iter().all(told), "{id}: a place of its chart tells nothing");
        }
        let scene = part.scene();
        if let Some((model, step)) = scene.moment {
            let there = |moment| recording.step(moment).is_some_and(|(of, at)| of == model && at >= step);
            assert!((0..recording.len()).any(there), "{id}: {model} has no step {step}");
        }
        let stages = log.scenario.as_ref().map_or(0, |scenario| scenario.stages.len());
        assert!(scene.stage.is_none_or(|stage| stage < stages), "{id}");
        let panels = Arrangement::proposed(Offer::of(log, catalogue.kind_of(log.scenario.as_ref().unwrap())));
        for panel in panels.panels().chain(scene.large) {
            assert!(panel.has(log), "{id}: the run has nothing for {}", panel.word());
        }
        if let Some(panel) = Instrument::of_word(&scene.region) {
            assert!(
                scene.large.is_none_or(|large| large == panel) && panels.holds(panel),
                "{id}: {} is not on show",
                panel.word()
            );
        }
        let otherwise = part.section.all("expect").filter(|claim| !holds(claim, log));
        wrong.extend(otherwise.map(|claim| format!("{id}: {claim}")));
    }
    assert!(wrong.is_empty(), "in these runs it is otherwise:\n{}", wrong.join("\n"));
}

/// Whether each number of a row, as in `a < b < c`, stands to the next as the sign says. One may be written as it is.
fn holds(row: &str, log: &RunLog) -> bool {
    let called = |text: &str| amount(text, log).map(|it| it.value).or_else(|| asked(text, log));
    let value = |text: &str| text.parse().ok().or_else(|| called(text));
    let is_so = |sign: &str, one: f64, next: f64| match sign {
        " > " => one > next,
        " < " => one < next,
        _ => (one - next).abs() < 1e-9,
    };
    [" > ", " < ", " = "].into_iter().any(|sign| {
        let values: Option<Vec<f64>> = row.split(sign).map(value).collect();
        values.is_some_and(|values| values.len() > 1 && values.windows(2).all(|pair| is_so(sign, pair[0], pair[1])))
    })
}

/// What a run was asked for and what it had found on the way, for rows alone: `classes`, `classes v1`,
/// `sees v2 identified`, `data longest`, `live v2 200 v2/v1` (mAP on the live sample at that step of v2).
fn asked(text: &str, log: &RunLog) -> Option<f64> {
    let scenario = log.scenario.as_ref()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["classes"] => Some(log.class_names.len() as f64),
        ["classes", model] => Some(f64::from(scenario.stage(model.parse().ok()?)?.classes)),
        ["sees", model, setting] => scenario.stage(model.parse().ok()?)?.sees.get(*setting).copied(),
        ["data", setting] => scenario.data.values.get(*setting).copied(),
        ["live", model, step, pair] => {
            let (model, step): (ModelId, u32) = (model.parse().ok()?, step.parse().ok()?);
            let (query, gallery) = pair.split_once('/')?;
            let pair: (ModelId, ModelId) = (query.parse().ok()?, gallery.parse().ok()?);
            let evaluation = log.models.get(&model)?.evaluations.iter().find(|it| it.step == step)?;
            Some(evaluation.cells.iter().find(|cell| (cell.query, cell.gallery) == pair)?.all.map)
        }
        _ => None,
    }
}
