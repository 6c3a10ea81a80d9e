//! Shelves, search, and the ways into a scenario.

use protocol::{
    Bound, Choice, Claim, ClaimsReport, ItemKind, JudgedClaim, Need, Preset, Role, Scenario, Stage, Suits, UpgradeKind,
};

use super::*;

fn stage(method: &str) -> Stage {
    Stage { method: Choice::of(method), ..Stage::default() }
}

fn preset(id: &str, methods: &[&str]) -> Preset {
    let stages = methods.iter().map(|method| stage(method)).collect();
    let scenario = Scenario { preset: id.to_owned(), stages, ..Scenario::default() };
    Preset { id: id.to_owned(), name: format!("Scenario {id}"), summary: String::new(), scenario }
}

fn judged(method: &str, finding: Finding) -> JudgedClaim {
    JudgedClaim {
        id: String::new(),
        method: method.to_owned(),
        claim: "It is compatible".to_owned(),
        paper: String::new(),
        on: String::new(),
        metric: None,
        rule: String::new(),
        bound: Bound::AtLeast(0.0),
        runs: 0,
        mean: None,
        interval: None,
        finding,
        link: String::new(),
    }
}

fn catalogue() -> Catalogue {
    let card = |id: &str, name: &str, kind| MethodCard::new(id, name).of_kind(kind);
    let [first, several] = [[0, 1], [2, 8]].map(|parents| Suits { parents, ..Suits::default() });
    use UpgradeKind::{Merge, Retrain, Stream};
    let methods = vec![
        card(Choice::PLAIN, "Independent", Retrain).role(Role::Plain).summary("A model for itself."),
        card("bct", "BCT", Retrain)
            .paper("Shen et al.: Towards Backward-Compatible Representation Learning, CVPR 2020")
            .summary("The new model is trained under the old classifier.")
            .claims([Claim::new("compatible", "New queries find old items.")]),
        card("bt2", "BT\u{b2}", Retrain).summary("A basis transformation with extra dims."),
        card("ewc", "EWC", Stream)
            .needs([Need::Kept])
            .suits(first)
            .summary("What mattered before is held in its place."),
        card("nmc", "NMC", Stream).needs([Need::Means]).summary("A frozen model with class means."),
        card("branch", "Branch", Merge).needs([Need::OldWeights]).summary("Goes on from the model before."),
        card("fisher", "Fisher merging", Merge).needs([Need::Kept]).suits(several).paper("Matena, Raffel 2022"),
        card("average", "Average", Merge).needs([Need::Kept]).suits(Suits { parents: [2, 8], ..Suits::default() }),
    ];
    let mut merge = preset("merge", &["independent", "branch", "branch", "fisher"]);
    merge.scenario.stages[3].from = vec![2, 3];
    let rows = vec![judged("bct", Finding::Holds), judged("bct", Finding::Holds), judged("bct", Finding::WithinNoise)];
    Catalogue {
        methods,
        presets: vec![
            preset("extended", &["independent", "bt2"]),
            preset("swap", &["independent", "independent"]),
            merge,
            preset("stream", &["independent", "nmc", "nmc"]),
        ],
        claims: ClaimsReport { rows, ..ClaimsReport::default() },
        ..Catalogue::default()
    }
}

fn names(query: &str) -> Vec<String> {
    let found = Found::of(&catalogue(), query);
    (0..found.count()).filter_map(|place| found.at(place).map(|entry| entry.id.clone())).collect()
}

#[test]
fn everything_stands_on_the_shelf_of_its_kind() {
    let found = Found::of(&catalogue(), "");
    let kinds: Vec<UpgradeKind> = found.shelves.iter().map(|shelf| shelf.kind).collect();
    assert_eq!(kinds, [UpgradeKind::Retrain, UpgradeKind::Stream, UpgradeKind::Merge]);
    assert_eq!((found.count(), found.in_words().as_str()), (8, "8 systems."));
    assert_eq!((found.at(3).map(|entry| entry.id.as_str()), found.at(8)), (Some("ewc"), None));
    assert_eq!(
        problems(&catalogue()),
        ["I have a new model and an old index", "My model forgets", "I have two models and want one"]
    );
}

#[test]
fn a_person_with_a_problem_finds_what_there_is_for_it() {
    for (problem, kind) in [
        ("my model forgets", UpgradeKind::Stream),
        ("it is forgetting old classes!", UpgradeKind::Stream),
        ("I have two models and want one", UpgradeKind::Merge),
        ("new model, old index", UpgradeKind::Retrain),
    ] {
        let found = Found::of(&catalogue(), problem);
        assert_eq!(found.shelves.first().map(|shelf| shelf.kind), Some(kind), "{problem}");
        assert_eq!(found.absent, [], "{problem}");
    }
    for (problem, kind) in [
        ("delete a customer's data", UpgradeKind::Unlearn),
        ("gdpr", UpgradeKind::Unlearn),
        ("the camera changed", UpgradeKind::Adapt),
        ("the model is too large", UpgradeKind::Compress),
    ] {
        let found = Found::of(&catalogue(), problem);
        assert_eq!(found.absent, [kind], "{problem}");
        assert!(found.in_words().ends_with(&format!("there is none yet: {}.", kind.title())), "{}", found.in_words());
    }
}

#[test]
fn a_new_family_is_there_by_its_kind_alone() {
    let mut catalogue = catalogue();
    catalogue.methods.push(MethodCard::new("tent", "TENT").of_kind(UpgradeKind::Adapt));
    let found = Found::of(&catalogue, "the camera changed");
    assert_eq!((found.shelves.len(), found.absent.len(), found.at(0).map(|it| it.name.as_str())), (1, 0, Some("TENT")));
    assert!(problems(&catalogue).contains(&"The camera changed"));
}

#[test]
fn names_papers_and_words_are_found() {
    assert_eq!(names("bt2"), ["bt2"]);
    assert_eq!(names("BT\u{b2}"), ["bt2"]);
    assert_eq!(names("raffel"), ["fisher"]);
    assert_eq!(names("basis transform"), ["bt2"]);
    assert_eq!(names("frozen"), ["nmc"]);
    assert_eq!(names("merging")[0], "fisher", "a name before a phrase");
    assert_eq!(names("xylophone"), [""; 0]);
    assert_eq!(Found::of(&catalogue(), "xylophone").in_words(), "No system has these words.");
}

#[test]
fn a_hyphen_may_be_left_out_or_put_in() {
    let found = names("re-index");
    assert_eq!(found, ["independent", "bct", "bt2"], "whoever says that re-indexing costs too much");
    for query in ["reindex", "reindexing", "Re-indexing", "re\u{2011}indexed", "expensive", "too expensive to reindex"]
    {
        assert_eq!(names(query), found, "{query}");
    }
    assert_eq!(names("backwardcompatible"), ["bct"]);
    assert_eq!(names("backward-compatible"), ["bct"]);
    assert_eq!(names("basis-transformation"), ["bt2"], "its parts");
}

#[test]
fn where_none_has_all_words_what_comes_near_is_offered_and_said() {
    let mut catalogue = catalogue();
    catalogue.methods[3].paper = "Overcoming catastrophic forgetting".to_owned();
    let ids = |found: &Found| -> Vec<String> {
        (0..found.count()).filter_map(|place| found.at(place).map(|entry| entry.id.clone())).collect()
    };
    let found = Found::of(&catalogue, "catastrophic forgetting");
    assert_eq!((ids(&found), found.in_words().as_str()), (vec!["ewc".to_owned(), "nmc".to_owned()], "2 systems."));
    let found = Found::of(&catalogue, "my search got worse after retraining");
    assert_eq!(ids(&found), ["independent", "bct", "bt2"]);
    assert_eq!(found.in_words(), "No system has all of these words; near them, the nearest first: 3.");
}

#[test]
fn a_verdict_counts_what_was_found() {
    let verdict = |id| Verdict::of(&catalogue(), id).in_words();
    assert_eq!(verdict("bct"), "2 hold, 1 within noise");
    assert_eq!(verdict("bt2"), "not judged yet");
    let detail = Detail::of(&catalogue(), "bct");
    assert_eq!((detail.claims.lines.len(), detail.unjudged), (3, vec![]));
    let mut catalogue = catalogue();
    catalogue.claims = ClaimsReport::default();
    catalogue.methods[1].analogue = true;
    let detail = Detail::of(&catalogue, "bct");
    assert_eq!(detail.unjudged, ["New queries find old items."]);
    assert!(detail.source.starts_with("An analogue: "));
}

/// The methods of the scenario that a method runs in, with the preset that it comes from.
fn runs(draft: &Scenario, id: &str) -> (String, Vec<String>) {
    let way = way(&catalogue(), draft, id).unwrap();
    (way.scenario.preset, way.scenario.stages.into_iter().map(|stage| stage.method.id).collect())
}

#[test]
fn run_it_opens_what_shows_it() {
    let draft = preset("extended", &["independent", "bt2"]).scenario;
    assert_eq!(runs(&draft, "nmc").1, ["independent", "nmc", "nmc"]);
    assert_eq!(runs(&draft, "branch").0, "merge");
    assert_eq!(runs(&draft, "independent").0, "swap", "as a later model");
    // What no preset shows takes the place of the method in the form, where it suits that.
    assert_eq!(runs(&draft, "bct"), ("extended".to_owned(), vec!["independent".to_owned(), "bct".to_owned()]));
    let seeded = Scenario { seed: 7, ..draft.clone() };
    assert_eq!(way(&catalogue(), &seeded, "bt2").map(|way| way.scenario.seed), Some(7), "it has it already");
    let words = way(&catalogue(), &draft, "average").map(|way| way.words);
    assert_eq!(words.as_deref(), Some("Opens the scenario Scenario merge with it as the method of v4."));
    assert_eq!(runs(&draft, "average").1, ["independent", "branch", "branch", "average"]);
    // In a stream it is the method of every task, and of the first where it can be.
    assert_eq!(runs(&draft, "ewc"), ("stream".to_owned(), vec!["ewc".to_owned(); 3]));
    let back = Scenario { preset: "stream".to_owned(), stages: vec![stage("ewc"); 3], ..Scenario::default() };
    assert_eq!(runs(&back, "nmc").1, ["independent", "nmc", "nmc"]);
}

#[test]
fn what_suits_nothing_has_no_way() {
    let mut catalogue = catalogue();
    let tokens = Suits { items: vec![ItemKind::Tokens], ..Suits::default() };
    catalogue.methods.push(MethodCard::new("ssm", "SSM").of_kind(UpgradeKind::Sequence).suits(tokens));
    let draft = preset("extended", &["independent", "bt2"]).scenario;
    assert_eq!(way(&catalogue, &draft, "ssm"), None);
    assert_eq!(comparison(&catalogue, &draft, "ssm"), None);
    assert_eq!(way(&catalogue, &draft, "unheard"), None);
}

#[test]
fn compare_stays_where_it_suits_and_goes_where_it_is_shown() {
    let draft = preset("extended", &["independent", "bt2"]).scenario;
    let preset_of = |id: &str| comparison(&catalogue(), &draft, id).map(|scenario| scenario.preset);
    assert_eq!(preset_of("bct").as_deref(), Some("extended"));
    assert_eq!(preset_of("average").as_deref(), Some("merge"));
    assert_eq!(preset_of("ewc").as_deref(), Some("stream"), "beside its like");
    assert_eq!(preset_of("branch"), Some("extended".to_owned()), "it suits two models, too");
}
