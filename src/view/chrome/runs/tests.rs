use protocol::{Better, Choice, Event, Quantity, Reading, RunLog, Scenario, Stage, Upkeep};

use super::*;
use crate::view::instruments::matrix::Metric;
use crate::view::testing::{CEILING, NEW, OLD, cell, chain, rates, started};

pub(crate) fn catalogue() -> Catalogue {
    serde_json::from_str(
        r#"{
            "datasets": [{"id": "fashion-mnist", "name": "Fashion-MNIST", "classes": 10, "train_per_class": 1000, "test_per_class": 200}],
            "encoders": [{"id": "mlp", "name": "MLP", "summary": "", "parameters": []}],
            "methods": [
                {"id": "independent", "name": "Independent", "summary": "", "paper": "", "needs": {}, "comparison": "", "parameters": [], "losses": [], "claims": []},
                {"id": "bct", "name": "BCT", "summary": "", "paper": "", "needs": {"prototypes": true}, "comparison": "", "losses": [], "claims": [], "parameters": [
                    {"id": "weight", "label": "Weight", "unit": "", "kind": {"real": {"min": 0, "max": 20, "step": 0.1}}, "default": 1, "help": ""},
                    {"id": "norm", "label": "Norm", "unit": "", "kind": {"options": {"labels": ["none", "unit"]}}, "default": 0, "help": ""}]},
                {"id": "bt2", "name": "BT\u00b2", "summary": "", "paper": "", "needs": {"teacher": true}, "comparison": "", "losses": [], "claims": [], "parameters": [
                    {"id": "extra", "label": "Extra dims", "unit": "floats", "kind": {"integer": {"min": 0, "max": 32}}, "default": 8, "help": ""}]}],
            "presets": []
        }"#,
    )
    .unwrap()
}

pub(crate) fn scenario(method: &str, seed: u64) -> Scenario {
    let upgrade = Stage { method: Choice::of(method), ..Stage::default() };
    let mut scenario = Scenario { seed, stages: vec![Stage::default(), upgrade], ..Scenario::default() };
    scenario.settle(&catalogue());
    scenario
}

/// A finished run with this cross-test.
fn finished(scenario: Scenario, cross: f64, stored: u32) -> RunLog {
    let mut log = RunLog::of(&[started()]);
    log.scenario = Some(scenario);
    let verdict = Verdict {
        new: NEW,
        old: OLD,
        old_old: rates(0.5),
        new_old: rates(cross),
        new_new: rates(cross + 0.2),
        branch: None,
        ceiling: rates(0.8),
        independent_old: rates(0.1),
        compatible_map: cross > 0.5,
        compatible_cmc1: true,
        update_gain: None,
        tax: 0.6 - cross,
        nfr: 0.0,
        pfr: 0.0,
        forgetting_reindexed: 0.0,
        forgetting_frozen: 0.0,
        cka_new: 0.5,
        cka_independent: 0.5,
        cost: protocol::Cost {
            stored,
            stored_before: 32,
            notes: 0,
            passes: 2,
            seconds: Some(4.0),
            upkeep: Upkeep::Nothing,
        },
    };
    let cells = vec![cell(OLD, OLD, 0.5), cell(NEW, OLD, cross), cell(NEW, NEW, cross + 0.2), cell(CEILING, OLD, 0.1)];
    log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
    log.apply(&Event::VerdictReached { verdict: Box::new(verdict) });
    log.apply(&Event::RunFinished { seconds: 6.5 });
    log
}

pub(crate) fn record(method: &str, seed: u64, cross: f64, when: f64) -> RunRecord {
    let stored = if method == "bt2" { 40 } else { 32 };
    RunRecord::of(&finished(scenario(method, seed), cross, stored), &catalogue(), when).unwrap()
}

fn runs(records: impl IntoIterator<Item = RunRecord>) -> Runs {
    let mut runs = Runs::default();
    for record in records {
        runs.add(record);
    }
    runs
}

#[test]
fn a_record_holds_a_finished_run_and_its_link_restores_the_scenario() {
    let record = record("bct", 3, 0.55, 1e12);
    assert_eq!((record.name.as_str(), record.id, record.seconds), ("BCT, seed 3", 1_000_000_000_000, 6.5));
    assert_eq!(record.scenario(&catalogue()), Some(scenario("bct", 3)));
    let row = Row::of(&record, &catalogue());
    assert_eq!((row.method.as_str(), row.seed.as_str(), row.tone), ("BCT", "3", Tone::Good));
    assert_eq!([row.cross, row.own, row.stored, row.seconds], ["55.0", "75.0", "32", "6.5 s"]);
    let mut unfinished = finished(scenario("bct", 1), 0.5, 32);
    unfinished.state = RunState::Running;
    assert_eq!(RunRecord::of(&unfinished, &catalogue(), 1.0), None);
}

#[test]
fn records_survive_storage_and_what_cannot_be_read_is_counted() {
    let records = [record("bct", 1, 0.4, 1.0), record("bt2", 1, 0.6, 2.0)];
    let mut texts: Vec<String> = records.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
    texts.extend(["{\"id\": 3}", "{\"name\": \"mine\"}", "nonsense", ""].map(str::to_owned));
    let mut restored = Runs::default();
    let found = restored.restore(&texts);
    assert_eq!(found, Restored { foreign: vec![3], damaged: 3, left_out: LeftOut::default() });
    let told = found.in_words();
    assert!(told[0].contains("cannot read 1 of") && told[0].contains("stay in this browser"), "{told:?}");
    assert_eq!(told[1..], ["No version can read 3 of the kept runs; they were dropped."]);
    assert_eq!(restored, runs(records.clone()));
    assert_eq!(restored.ids(), [2, 1], "newest first");
    // What is there already stays as it is.
    restored.rename(2, "  mine ");
    restored.restore(&texts);
    assert_eq!(restored.get(2).unwrap().name, "mine");
}

#[test]
fn a_fact_of_a_later_version_is_left_out_alone_and_stays_in_its_record() {
    let record = record("bct", 1, 0.55, 1.0);
    let mut written: serde_json::Value = serde_json::to_value(&record).unwrap();
    let later = [serde_json::json!({"weather_read": {"degrees": [0.1, 2]}}), serde_json::json!("rested")];
    let facts = written["facts"].as_array_mut().unwrap();
    facts.insert(0, later[0].clone());
    facts.push(later[1].clone());
    let mut runs = Runs::default();
    let found = runs.restore(&[written.to_string()]);
    assert_eq!((found.foreign.len(), found.damaged), (0, 0));
    let told = "Kept runs: 2 events of kinds that this version does not know were left out: rested, weather_read.";
    assert_eq!(found.in_words(), [told]);
    let read = runs.get(1).unwrap();
    assert_eq!(Row::of(read, &catalogue()), Row::of(&record, &catalogue()));
    assert_eq!(read.log, record.log);
    // What is written again for another name is what was there.
    runs.rename(1, "mine");
    let again = serde_json::to_value(runs.get(1).unwrap()).unwrap();
    assert!(later.iter().all(|fact| again["facts"].as_array().unwrap().contains(fact)), "{again}");
    assert_eq!(again["facts"].as_array().map(Vec::len), written["facts"].as_array().map(Vec::len));
    assert_eq!(Runs::default().restore(&[again.to_string()]), found);

    // A fact of a kind that this version knows in another form makes it a record of another version.
    written["facts"][1] = serde_json::json!({"matrix_measured": {}});
    assert_eq!(Runs::default().restore(&[written.to_string()]).foreign, [1]);
}

#[test]
fn a_record_of_another_version_stays_as_long_as_one_of_this() {
    let texts = [r#"{"id": 5, "form": 9}"#, r#"{"id": 6, "pinned": true}"#].map(str::to_owned);
    let newer = |count: usize| runs((0..count).map(|at| record("bct", 1, 0.5, 10.0 + at as f64)));
    let foreign = |count: usize| newer(count).restore(&texts).foreign;
    assert_eq!((foreign(KEPT - 1), foreign(KEPT)), (vec![5, 6], vec![6]));
    assert_eq!([WITH_EVENTS - 1, WITH_EVENTS].map(|count| newer(count).is_new(5)), [true, false]);
    assert!(!newer(1).has_events(5), "it is not listed");
}

#[test]
fn records_of_earlier_versions_are_read_with_their_numbers() {
    let record = record("bct", 1, 0.55, 1.0);
    let mut written: serde_json::Value = serde_json::to_value(&record).unwrap();
    let object = written.as_object_mut().unwrap();
    object.remove("facts");
    object.insert("verdicts".to_owned(), serde_json::to_value(&record.log.verdicts).unwrap());
    object.insert("matrix".to_owned(), serde_json::to_value(&record.log.matrix).unwrap());
    object.insert("chain".to_owned(), serde_json::Value::Null);
    let before: RunRecord = serde_json::from_value(written).unwrap();
    assert_eq!(Row::of(&before, &catalogue()), Row::of(&record, &catalogue()));
    let again: RunRecord = serde_json::from_str(&serde_json::to_string(&before).unwrap()).unwrap();
    assert_eq!((&again.log.matrix, &again.log.verdicts), (&record.log.matrix, &record.log.verdicts));
}

#[test]
fn what_a_run_measures_beside_retrieval_is_compared_too() {
    let with = |seed: u64, distance: f64| {
        let mut log = finished(scenario("bct", seed), 0.5, 32);
        let about = Quantity::new("distance", "Distance to what there is", "", Better::Lower, "");
        log.apply(&Event::QuantitiesDeclared { quantities: vec![about] });
        let readings = Reading::of("distance", "", distance).into_iter().collect();
        log.apply(&Event::Measured { model: NEW, step: 8, readings });
        RunRecord::of(&log, &catalogue(), seed as f64).unwrap()
    };
    let found = Comparison::of(&runs([with(1, 0.25), with(2, 0.75)]), &[1, 2], &catalogue(), Metric::Map);
    let line = found.lines.iter().find(|line| line.name == "Distance to what there is").unwrap();
    let band = line.scores[0].unwrap().band;
    assert_eq!((band.mean, line.value(band.mean), line.rate), (0.5, "0.5".to_owned(), false));
}

#[test]
fn the_newest_unpinned_runs_and_all_pinned_ones_stay() {
    let mut runs = runs((0..KEPT + 3).map(|at| record("bct", 1, 0.5, at as f64)));
    runs.pin(1);
    assert_eq!(runs.trim(), [2, 0]);
    assert_eq!(runs.ids().len(), KEPT + 1);
    assert!(runs.get(1).is_some_and(|record| record.pinned));
    runs.pin(1);
    assert_eq!(runs.trim(), [1]);
    assert_eq!(runs.add(record("bct", 1, 0.5, 10.0)), KEPT as u64 + 3, "taken ids are not given twice");
    let with_events = runs.ids().into_iter().filter(|&id| runs.has_events(id)).count();
    assert_eq!(with_events, WITH_EVENTS);
    let newest = runs.ids()[0];
    runs.remove(newest);
    runs.rename(runs.ids()[0], " ");
    assert!(runs.get(newest).is_none() && runs.iter().all(|record| !record.name.is_empty()));
}

#[test]
fn only_settings_that_differ_are_listed_as_the_form_names_them() {
    let mut weighty = scenario("bct", 1);
    weighty.stages[1].method = weighty.stages[1].method.clone().with("weight", 2.5).with("norm", 1.0);
    weighty.stages[0].schedule.epochs = 7;
    let weighty = RunRecord::of(&finished(weighty, 0.5, 32), &catalogue(), 3.0).unwrap();
    let runs = runs([record("bt2", 1, 0.6, 1.0), record("bct", 1, 0.4, 2.0), weighty]);
    let settings = |ids: &[u64]| Comparison::of(&runs, ids, &catalogue(), Metric::Map).settings;
    let row = |name: &str, values: &[&str]| (name.to_owned(), values.iter().map(|&it| it.to_owned()).collect());
    assert_eq!(
        settings(&[2, 1]),
        [
            row("v2: Method", &["BCT", "BT\u{b2}"]),
            row("v2: Weight", &["1", "\u{2013}"]),
            row("v2: Norm", &["none", "\u{2013}"]),
            row("v2: Extra dims (floats)", &["\u{2013}", "8"]),
        ]
    );
    assert_eq!(
        settings(&[2, 3]),
        [row("v1: Epochs", &["7", "20"]), row("v2: Weight", &["2.5", "1"]), row("v2: Norm", &["unit", "none"])]
    );
    assert!(settings(&[1]).is_empty());
}

#[test]
fn cells_are_compared_by_role_with_the_first_run() {
    let runs = runs([record("bt2", 1, 0.6, 1.0), record("bct", 1, 0.4, 2.0)]);
    let found = Comparison::of(&runs, &[1, 2], &catalogue(), Metric::Map);
    assert_eq!((found.letter(2), found.letter(1), found.letter(9)), (Some('A'), Some('B'), None));
    let names: Vec<&str> = found.lines.iter().map(|line| line.name.as_str()).collect();
    let cells = ["old/old", "new/old", "new/new", "independent/old"];
    assert_eq!(names[..4], cells);
    assert_eq!(names[4..], ["Gain by mAP", "Tax by mAP", "Stored floats", "Training runs", "Training seconds"]);
    let shown = |line: &Line, place: usize| {
        let score = line.scores[place].unwrap();
        (line.value(score.band.mean), score.difference.map(|it| line.difference(it)).unwrap_or_default())
    };
    let cross = &found.lines[1];
    assert_eq!([shown(cross, 0), shown(cross, 1)].map(|it| it.1), ["", "+20.0"]);
    assert_eq!(shown(&found.lines[6], 1), ("40".to_owned(), "+8".to_owned()));
    let top1 = Comparison::of(&runs, &[1, 2], &catalogue(), Metric::Top1);
    assert_eq!(shown(&top1.lines[1], 0).0, "50.0");
}

#[test]
fn seeds_of_the_same_settings_are_one_group_with_a_band() {
    let seeds = [(1, 0.5), (2, 0.56), (5, 0.53)];
    let bct = seeds.map(|(seed, cross)| record("bct", seed, cross, seed as f64));
    let runs = runs(bct.into_iter().chain([record("bt2", 1, 0.6, 9.0)]));
    let found = Comparison::of(&runs, &[9, 1, 2, 5], &catalogue(), Metric::Map);
    assert_eq!(
        found.groups.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["BT\u{b2}, seed 1", "BCT, 3 seeds"]
    );
    assert_eq!(found.settings[0], ("Seed".to_owned(), vec!["1".to_owned(), "1, 2, 5".to_owned()]));
    let line = &found.lines[1];
    let band = line.scores[1].unwrap().band;
    assert_eq!((line.value(band.mean), line.range(&band)), ("53.0".to_owned(), "50.0\u{2013}56.0, SD 3.0".to_owned()));
    let losses = Band::over(&[-0.0625, -0.04]).unwrap();
    assert!(line.range(&losses).starts_with("\u{2212}6.2 to \u{2212}4.0, SD "), "{}", line.range(&losses));
    assert_eq!(line.range(&line.scores[0].unwrap().band), "");
    let same = |chosen: &[u64]| Comparison::of(&runs, chosen, &catalogue(), Metric::Map).sameness();
    assert_eq!(same(&[1, 2, 5]), "None: the same settings under 3 seeds.");
    assert_eq!(same(&[9]), "None: the same settings, and the same seed.");

    let plane = TradeOff::of(&found, Axis::SelfTest, Metric::Map);
    assert_eq!(plane.points.len(), 2);
    assert!((plane.points[1].x.mean - 73.0).abs() < 1e-9 && plane.points[1].y.is_wide());
    assert_eq!(
        plane.described(),
        "Cross-test against self-test by mAP. A BT\u{b2}, seed 1: 60.0 against 80.0; B BCT, 3 seeds: 53.0 against 73.0."
    );
    let stored = TradeOff::of(&found, Axis::Stored, Metric::Map);
    assert_eq!([stored.points[0].x.mean, stored.points[1].x.mean], [40.0, 32.0]);
    assert!(stored.csv().starts_with("run,name,stored floats,stored floats low,stored floats high,cross-test,"));

    let again = super::tests::runs([record("bct", 1, 0.5, 1.0), record("bct", 1, 0.5, 2.0)]);
    let again = Comparison::of(&again, &[1, 2], &catalogue(), Metric::Map);
    assert_eq!(again.groups[0].name, "BCT, seed 1, 2 runs");
}

#[test]
fn a_chain_brings_its_averages() {
    let mut log = chain();
    let mut four = scenario("bct", 1);
    four.stages = vec![Stage::default(); 4];
    four.settle(&catalogue());
    log.scenario = Some(four);
    log.apply(&Event::RunFinished { seconds: 9.0 });
    let record = RunRecord::of(&log, &catalogue(), 1.0).unwrap();
    assert_eq!(Row::of(&record, &catalogue()).tone, Tone::Bad);
    let found = Comparison::of(&runs([record]), &[1], &catalogue(), Metric::Map);
    let names: Vec<&str> = found.lines.iter().map(|line| line.name.as_str()).collect();
    assert!(names.ends_with(&["AC", "AA"]) && names.contains(&"v2/v1"), "{names:?}");
    assert!(found.lines.iter().all(|line| line.scores.len() == 1));
}
