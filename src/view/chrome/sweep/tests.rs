use protocol::{Event, Scenario, Stage};

use super::*;
use crate::view::chrome::runs::tests::{catalogue, record, scenario};
use crate::view::chrome::runs::{Axis as Across, TradeOff};
use crate::view::testing::{CEILING, NEW, OLD, cell, loss, retrieval, started};

fn plan(methods: &[&str], seeds: u32) -> Plan {
    Plan { methods: methods.iter().map(|&it| it.to_owned()).collect(), seeds, ..Plan::default() }
}

fn varied(id: &str, values: &str) -> Plan {
    Plan { varied: id.to_owned(), values: values.to_owned(), ..plan(&["bct", "bt2"], 1) }
}

fn jobs(plan: &Plan) -> Result<(Vec<String>, Vec<Job>), String> {
    plan.jobs(&scenario("bct", 7), &catalogue())
}

fn sweep(plan: &Plan, workers: usize) -> Sweep {
    Sweep::new(jobs(plan).unwrap(), workers)
}

/// A run that trains its last model: of 200 steps 160 are done, at 10 ms each, with these live cross-tests.
fn under_way(cross: &[(u32, f64)]) -> RunLog {
    let mut log = RunLog::of(&[
        started(),
        Event::PhaseStarted { phase: 2 },
        loss(OLD, 40, &[]),
        loss(CEILING, 80, &[]),
        loss(NEW, 40, &[]),
    ]);
    // Pairs to measure have no known length.
    log.plan.truncate(3);
    for &(step, map) in cross {
        log.apply(&retrieval(NEW, step, vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, map)]));
    }
    log
}

#[test]
fn runs_are_methods_times_seeds_the_first_seed_of_everything_first() {
    let (groups, jobs) = jobs(&plan(&["bt2", "bct"], 2)).unwrap();
    assert_eq!(groups, ["BCT", "BT\u{b2}"], "in the order of the catalogue");
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["BCT, seed 7", "BT\u{b2}, seed 7", "BCT, seed 8", "BT\u{b2}, seed 8"]);
    assert_eq!(jobs.iter().map(|job| job.group).collect::<Vec<_>>(), [0, 1, 0, 1]);
    assert_eq!(jobs[3].scenario, scenario("bt2", 8), "another method takes its defaults");
}

#[test]
fn the_method_of_the_form_keeps_its_parameters() {
    let mut base = scenario("bct", 1);
    base.stages[1].method.values.insert("weight".to_owned(), 2.5);
    let (_, jobs) = plan(&["bct"], 1).jobs(&base, &catalogue()).unwrap();
    assert_eq!(jobs[0].scenario, base);
}

#[test]
fn one_number_takes_several_values_and_other_methods_run_once() {
    let plan = varied("bct/weight", "0.1, 10, 0.1, 1 to 2 in 3");
    let labels: Vec<String> = plan.parameters(&catalogue()).into_iter().map(|it| it.label).collect();
    assert_eq!(labels, ["BCT: Weight", "BT\u{b2}: Extra dims"], "options are no numbers");
    let (groups, runs) = jobs(&plan).unwrap();
    let weights = ["0.1", "10", "1", "1.5", "2"].map(|value| format!("BCT, Weight {value}"));
    assert_eq!(groups[..5], weights);
    assert_eq!((groups[5].as_str(), runs.len()), ("BT\u{b2}", 6));
    assert_eq!(runs[3].scenario.stages[1].method.values["weight"], 1.5);
    // A number of a method that is not chosen does not count.
    let other = Plan { methods: vec!["bt2".to_owned()], ..plan };
    assert_eq!(jobs(&other).unwrap().1.len(), 1);
    let whole = varied("bt2/extra", "0 to 32 in 4");
    assert_eq!(jobs(&whole).unwrap().0[1..], ["0", "11", "21", "32"].map(|it| format!("BT\u{b2}, Extra dims {it}")));
}

#[test]
fn what_is_out_of_bounds_is_refused_with_the_bound() {
    let refused = |plan: &Plan| jobs(plan).unwrap_err();
    assert_eq!(refused(&plan(&[], 1)), "Choose at least one method.");
    assert_eq!(refused(&plan(&["bct"], 0)), "The number of seeds must lie in 1 to 10.");
    assert_eq!(refused(&plan(&["bct"], 11)), "The number of seeds must lie in 1 to 10.");
    let many = Plan { seeds: 10, ..varied("bct/weight", "0 to 4 in 5") };
    assert_eq!(refused(&many), "These are 60 runs; a sweep has 48 at most.");
    let last = plan(&["bct"], 2).jobs(&scenario("bct", u64::from(u32::MAX)), &catalogue()).unwrap_err();
    assert_eq!(last, "Seed is 4294967296, but must lie in 0 to 4294967295.");
    for (values, sentence) in [
        ("", "Say which values Weight takes, as '0.1, 1, 10' or '0 to 2 in 5'."),
        ("1, x", "'x' is no number."),
        ("1, NaN", "Weight is NaN, but must lie in 0 to 20."),
        ("25", "Weight is 25, but must lie in 0 to 20."),
        ("-1 to 2 in 3", "Weight is -1, but must lie in 0 to 20."),
        ("0 to 2", "'0 to 2' does not say in how many values, 2 to 48; write it as '0 to 2 in 5'."),
        ("0 to 2 in 1", "'0 to 2 in 1' does not say in how many values, 2 to 48; write it as '0 to 2 in 5'."),
    ] {
        assert_eq!(refused(&varied("bct/weight", values)), sentence);
    }
    assert_eq!(refused(&varied("bt2/extra", "2.5")), "Extra dims is 2.5, but must be a whole number.");
    let alone = Scenario { stages: vec![Stage::default()], ..Scenario::default() };
    assert!(plan(&["bct"], 1).jobs(&alone, &catalogue()).unwrap_err().contains("no upgrade"));
}

#[test]
fn no_more_runs_than_workers_go_on_and_a_failed_one_makes_room() {
    let mut sweep = sweep(&plan(&["bct", "bt2"], 2), 2);
    assert_eq!(sweep.status(0.0), "0 of 4 finished.");
    assert_eq!([(); 3].map(|()| sweep.begin(0.0).map(|(at, _)| at)), [Some(0), Some(1), None]);
    sweep.end(1, Err("Dims must lie apart.".to_owned()), 500.0);
    assert_eq!(sweep.begin(500.0).map(|(at, job)| (at, job.name)), Some((2, "BCT, seed 8".to_owned())));
    sweep.end(0, Ok(record("bct", 7, 0.55, 1.0)), 2000.0);
    // A word from a worker that was given up is not heard.
    sweep.end(1, Ok(record("bt2", 7, 0.6, 2.0)), 2000.0);
    assert!(!sweep.is_over() && sweep.ids() == [1]);
    let rows = sweep.rows();
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["finished in 6.5 s", "failed: Dims must lie apart.", "0 %", "waiting"]);
    assert_eq!((rows[0].cross.as_str(), rows[0].own.as_str(), rows[2].cross.as_str()), ("55.0", "75.0", ""));
    sweep.cancel();
    assert!(sweep.is_over() && sweep.begin(0.0).is_none());
    assert_eq!(sweep.status(2000.0), "1 of 4 finished, 1 failed, 2 cancelled.");
    assert_eq!(sweep.fraction(), 1.0);
}

#[test]
fn a_run_that_loses_its_worker_begins_anew_once() {
    let mut sweep = sweep(&plan(&["bct"], 2), 1);
    assert_eq!(sweep.begin_anew(0, 0.0), None, "it has not begun");
    let (at, job) = sweep.begin(0.0).unwrap();
    sweep.hear(at, &under_way(&[(16, 0.3)]));
    assert!(sweep.fraction() > 0.0 && !sweep.bands().series.is_empty());
    assert_eq!(sweep.begin_anew(at, 1000.0), Some(job));
    assert!(sweep.fraction() == 0.0 && sweep.bands().series.is_empty(), "nothing of it is left");
    assert_eq!(sweep.rows()[0].state, "0 %, begun anew");
    assert!(sweep.begin(1000.0).is_none(), "it has the worker");
    assert_eq!(sweep.begin_anew(at, 2000.0), None, "and no third");
    sweep.end(at, Err("It ended without a word.".to_owned()), 2000.0);
    assert_eq!(sweep.rows()[0].state, "failed twice: It ended without a word.");
    assert_eq!(sweep.begin(2000.0).map(|(at, _)| at), Some(1));
}

#[test]
fn results_are_named_and_told_from_what_the_form_has_become() {
    let plan = plan(&["bct", "bt2"], 2);
    let (catalogue, base) = (catalogue(), scenario("bct", 7));
    let sweep = sweep(&plan, 2);
    assert_eq!(sweep.made_of(&catalogue), "Fashion-MNIST");
    let differs = |base: &Scenario, plan: &Plan| sweep.differs(&plan.jobs(base, &catalogue).unwrap().1);
    assert!(!differs(&base, &plan));
    assert!(!differs(&Scenario { preset: "else".to_owned(), ..base.clone() }, &plan), "the same by another way");
    assert!(differs(&scenario("bct", 8), &plan), "another seed");
    assert!(differs(&base, &Plan { seeds: 1, ..plan.clone() }), "fewer runs");
    let mut longer = base;
    longer.stages[0].schedule.epochs += 1;
    assert!(differs(&longer, &plan), "another scenario");
}

#[test]
fn what_is_left_counts_the_waiting_runs_with_the_worker_that_is_free_first() {
    let mut sweep = sweep(&plan(&["bct", "bt2"], 2), 2);
    sweep.begin(0.0);
    sweep.begin(0.0);
    assert_eq!(sweep.seconds_left(1000.0), None, "nothing was timed");
    // 160 of 200 steps are done, 40 of 10 ms are left.
    sweep.hear(0, &under_way(&[]));
    assert!((sweep.fraction() - 0.8 / 4.0).abs() < 1e-9);
    // It will have taken 2 s; the other is as far as that, and each takes one of the two that wait.
    assert!((sweep.seconds_left(1600.0).unwrap() - 2.4).abs() < 1e-9);
    sweep.end(0, Ok(record("bct", 7, 0.5, 1.0)), 3000.0);
    assert!((sweep.seconds_left(3000.0).unwrap() - 3.0).abs() < 1e-9);
    assert_eq!(sweep.status(3000.0), "1 of 4 finished, 1 under way; about 3 s left.");
}

#[test]
fn groups_have_mean_range_and_deviation_over_seeds() {
    let mut sweep = sweep(&plan(&["bct", "bt2"], 3), 6);
    while sweep.begin(0.0).is_some() {}
    for (at, seed, cross) in [(0, 7, 0.5), (2, 8, 0.56), (4, 9, 0.53)] {
        sweep.end(at, Ok(record("bct", seed, cross, seed as f64)), 1.0);
    }
    let found = sweep.comparison(Metric::Map);
    let names: Vec<(char, &str)> = found.groups.iter().map(|it| (it.letter, it.name.as_str())).collect();
    assert_eq!(names, [('A', "BCT"), ('B', "BT\u{b2}")]);
    let cross = found.lines.iter().find(|line| line.name == "new/old").unwrap();
    let band = cross.scores[0].unwrap().band;
    assert_eq!(
        (cross.value(band.mean), cross.range(&band)),
        ("53.0".to_owned(), "50.0\u{2013}56.0, SD 3.0".to_owned())
    );
    assert_eq!(cross.scores[1], None, "nothing of it is finished");
    let plane = TradeOff::of(&found, Across::SelfTest, Metric::Map);
    assert_eq!(plane.points.iter().map(|it| (it.place, it.letter)).collect::<Vec<_>>(), [(0, 'A')]);
    sweep.end(1, Ok(record("bt2", 7, 0.6, 2.0)), 1.0);
    assert_eq!(sweep.comparison(Metric::Map).lines[1].scores[1].unwrap().band.deviation, None);
}

#[test]
fn the_live_curve_is_the_mean_over_the_seeds_that_are_there_with_their_range() {
    let mut two = sweep(&plan(&["bct", "bt2"], 2), 4);
    while two.begin(0.0).is_some() {}
    assert!(two.bands().series.is_empty());
    two.hear(0, &under_way(&[(16, 0.3), (32, 0.5)]));
    two.hear(2, &under_way(&[(16, 0.4)]));
    two.hear(3, &under_way(&[(16, 0.2)]));
    let curves = two.bands();
    assert_eq!(curves.heads(), ["BCT", "BCT low", "BCT high", "BT\u{b2}"]);
    let rounded: Vec<Vec<Option<f64>>> =
        curves.table().into_iter().map(|(_, row)| row.into_iter().map(|it| it.map(f64::round)).collect()).collect();
    assert_eq!(rounded[0], [35.0, 30.0, 40.0, 20.0].map(Some));
    assert_eq!(rounded[1], [Some(50.0), None, None, None]);
    let told = [16.0, 32.0].map(|at| curves.reading(at).words());
    assert_eq!(told, ["at step 16: BCT 35.0 (30.0 to 40.0), BT\u{b2} 20.0.", "at step 32: BCT 50.0."]);
    assert!(curves.caption.starts_with("v2/v1 cross-test, live sample: 4 queries"), "{}", curves.caption);
    assert!(sweep(&plan(&["bct"], 1), 1).bands().caption.ends_with("one seed, so there is no band."));
}

#[test]
fn the_time_of_runs_like_the_one_timed_is_known_before() {
    let mut log = under_way(&[]);
    let base = scenario("bct", 1);
    log.scenario = Some(scenario("bt2", 4));
    // 200 steps of 10 ms, three rounds.
    assert!((estimate(&log, &base, 5, 2).unwrap() - 6.0).abs() < 1e-9);
    let mut longer = base.clone();
    longer.stages[0].schedule.epochs += 1;
    assert_eq!(estimate(&log, &longer, 5, 2), None);
    assert_eq!(estimate(&RunLog::default(), &base, 5, 2), None);
    // What was measured beside the steps of v1 took as long as they did.
    log.apply(&loss(OLD, 80, &[]));
    log.apply(&Event::ModelTrained { model: OLD, steps: 80, seconds: 1.2, parameters: 1, dims: 32 });
    assert!((estimate(&log, &base, 5, 2).unwrap() - 12.0).abs() < 1e-9);
}

#[test]
fn a_link_carries_the_plan() {
    let some = Plan { seeds: 5, ..varied("bt2/r", "0.1, 1 to 3 in 5") };
    for plan in [some, Plan::default(), plan(&["oca"], 1)] {
        assert_eq!(Plan::of_link(&plan.beside("#v=2&seed=2")), Some(plan));
    }
    assert_eq!(varied("bt2/extra", "4").unknown(&catalogue()), Vec::<String>::new());
    let strange = Plan { varied: "bt2/size".to_owned(), ..plan(&["bt2", "bt3"], 1) }.unknown(&catalogue());
    assert!(strange[0].contains("'bt3'") && strange[1].contains("'bt2/size'") && strange.len() == 2, "{strange:?}");
    assert_eq!(Plan::of_link("#v=2&view.hide=setup"), None);
    assert_eq!(Plan::of_link("v=2&view.sweep=bct&view.sweep.seeds=many"), Some(plan(&["bct"], Plan::default().seeds)));
}

#[test]
fn the_plane_joins_the_values_of_one_number() {
    // Given in no order; BCT has one run.
    let mut some = sweep(&varied("bt2/extra", "16, 4, 8"), 9);
    while some.begin(0.0).is_some() {}
    for at in 0..4 {
        some.end(at, Ok(record("bt2", 7, 0.5, at as f64)), 1.0);
    }
    let plane = TradeOff::of(&some.comparison(Metric::Map), Across::SelfTest, Metric::Map);
    assert_eq!(plane.points.len(), 4);
    let names = |path: &Vec<usize>| path.iter().map(|at| plane.points[*at].name.clone()).collect::<Vec<_>>();
    assert_eq!(
        plane.paths.iter().map(names).collect::<Vec<_>>(),
        [["BT², Extra dims 4", "BT², Extra dims 8", "BT², Extra dims 16"]]
    );
}
