use protocol::RunLog;

use super::*;

/// Stages that see the first so many classes each.
fn knowledge(classes: &[u32]) -> Knowledge {
    let sees = (1..).map(ModelId::deployed).zip(classes.iter().map(|&classes| (0..classes).collect())).collect();
    Knowledge::new(&sees, |model| (1..=model.stage).map(ModelId::deployed).collect())
}

/// Scores of a model that gives these answers among so many classes, and thinks the class after it second best.
fn answers(classes: usize, answers: &[u32]) -> Scores {
    let row = |&answer: &u32| {
        let answer = answer as usize;
        (0..classes).map(move |class| match class {
            _ if class == answer => 2.0,
            _ if class == (answer + 1) % classes => 1.0,
            _ => 0.0,
        })
    };
    Scores { values: answers.iter().flat_map(row).collect(), classes }
}

fn log(knowledge: &mut Knowledge, models: &[Scores], labels: &[u32]) -> RunLog {
    let mut log = RunLog::default();
    log.apply(&Event::QuantitiesDeclared { quantities: Knowledge::quantities() });
    for (stage, scores) in (1..).zip(models) {
        log.apply(&knowledge.take(ModelId::deployed(stage), 7, scores, labels).unwrap());
    }
    let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
    knowledge.tables(&names).iter().for_each(|event| log.apply(event));
    log
}

#[test]
fn what_two_models_know_of_two_tasks_by_hand() {
    let labels = [0, 0, 1, 1, 2, 2, 3, 3];
    let mut knowledge = knowledge(&[2, 4]);
    // The first knows both classes of task 1 but for one item. The second takes three items of task 1 for class 3 or 2.
    let first = answers(2, &[0, 0, 1, 0, 0, 0, 1, 1]);
    let second = answers(4, &[3, 0, 3, 2, 2, 2, 3, 0]);
    let log = log(&mut knowledge, &[first, second], &labels);
    let [v1, v2] = [1, 2].map(ModelId::deployed);
    let table = |id: &str| {
        let table = log.table(id).unwrap();
        (0..2).map(|row| [table.cell(row, 0), table.cell(row, 1)]).collect::<Vec<_>>()
    };
    assert_eq!(table(ACCURACY), [[Some(0.75), None], [Some(0.25), Some(0.75)]]);
    // Told that it is task 1, the second model's next choice counts: class 0 after 3, and no preference (so class 0) after 2.
    assert_eq!(table(ACCURACY_WITHIN), [[Some(0.75), None], [Some(0.5), Some(0.75)]]);
    assert_eq!(log.table(ACCURACY).unwrap().columns, ["task 1: a, b", "task 2: c, d"]);
    let reading = |model, quantity: &str| log.reading(model, quantity, "");
    assert_eq!((reading(v1, ACCURACY), reading(v2, ACCURACY)), (Some(0.75), Some(0.5)));
    assert_eq!((reading(v1, AVERAGE), reading(v2, AVERAGE)), (Some(0.75), Some(0.5)));
    assert_eq!((reading(v1, FORGETTING_BEST), reading(v2, FORGETTING_BEST)), (None, Some(0.5)));
    assert_eq!((reading(v2, FORGETTING_FIRST), reading(v2, BACKWARD)), (Some(0.5), Some(-0.5)));
    assert_eq!(reading(v2, FORWARD), None, "nobody looked ahead");
    assert_eq!(log.reading(v2, ACCURACY, "task 2"), Some(0.75));
}

#[test]
fn a_model_without_a_task_of_its_own_is_held_against_those_that_learned() {
    let labels = [0, 1, 2, 3];
    let mut knowledge = knowledge(&[2, 4, 4]);
    let models = [answers(2, &[0, 1, 0, 0]), answers(4, &[3, 3, 2, 3]), answers(4, &[0, 3, 2, 0])];
    let log = log(&mut knowledge, &models, &labels);
    let v3 = ModelId::deployed(3);
    let reading = |quantity: &str| log.reading(v3, quantity, "");
    // Task 1: 1, 0, 1/2; task 2: -, 1, 1/2.
    assert_eq!(reading(AVERAGE), Some(0.5));
    assert_eq!((reading(FORGETTING_BEST), reading(FORGETTING_FIRST)), (Some(0.5), Some(0.5)));
    assert_eq!(log.table(ACCURACY).unwrap().rows, ["v1", "v2", "v3"]);
}

#[test]
fn a_branch_is_not_held_against_what_it_never_learned_and_a_merged_model_against_all() {
    // A base of class 0, two branches of classes 1 and 2, and what is merged of them.
    let sees: [(u8, &[u32]); 4] = [(1, &[0]), (2, &[1]), (3, &[2]), (4, &[1, 2])];
    let sees = sees.map(|(stage, classes)| (ModelId::deployed(stage), classes.iter().copied().collect()));
    let line = |model: ModelId| {
        let line: &[u8] = match model.stage {
            1 => &[1],
            2 => &[1, 2],
            3 => &[1, 3],
            _ => &[1, 2, 3, 4],
        };
        line.iter().copied().map(ModelId::deployed).collect()
    };
    let mut knowledge = Knowledge::new(&BTreeMap::from(sees), line);
    let labels = [0, 0, 1, 1, 2, 2];
    let models = [
        answers(1, &[0, 0, 0, 0, 0, 0]),
        answers(3, &[0, 1, 1, 1, 1, 1]),
        answers(3, &[2, 2, 0, 0, 2, 2]),
        answers(3, &[0, 1, 1, 0, 2, 1]),
    ];
    let log = log(&mut knowledge, &models, &labels);
    let reading = |stage, quantity: &str| log.reading(ModelId::deployed(stage), quantity, "");
    assert_eq!((reading(2, AVERAGE), reading(2, FORGETTING_BEST)), (Some(0.75), Some(0.5)));
    // Of the first branch's class it has no right answer, which is nobody's loss.
    assert_eq!((reading(3, AVERAGE), reading(3, ACCURACY)), (Some(0.5), Some(0.5)));
    assert_eq!((reading(3, FORGETTING_BEST), reading(3, BACKWARD)), (Some(1.0), Some(-1.0)));
    assert_eq!((reading(4, AVERAGE), reading(4, ACCURACY)), (Some(0.5), Some(0.5)));
    assert_eq!((reading(4, FORGETTING_BEST), reading(4, FORGETTING_FIRST)), (Some(0.5), Some(0.5)));
    assert_eq!(reading(4, FORWARD), None, "neither branch stands before the other");
    assert_eq!(log.table(ACCURACY).unwrap().columns.len(), 3);
}

#[test]
fn one_task_has_an_accuracy_and_no_tables() {
    let mut knowledge = knowledge(&[2, 2]);
    let models = [answers(2, &[0, 0]), answers(2, &[0, 1])];
    let log = log(&mut knowledge, &models, &[0, 1]);
    assert_eq!(log.reading(ModelId::deployed(1), ACCURACY, ""), Some(0.5));
    assert_eq!(log.reading(ModelId::deployed(2), ACCURACY, ""), Some(1.0));
    assert_eq!((log.tables.len(), log.reading(ModelId::deployed(2), AVERAGE, "")), (0, None));
}

#[test]
fn forward_transfer_is_what_the_model_before_makes_of_a_task_beyond_the_items_themselves() {
    let labels = [0, 1, 2, 3];
    let mut knowledge = knowledge(&[2, 3, 4]);
    knowledge.plain = vec![f64::NAN, 0.5, 0.75];
    // The second task before it is learned, and the third before and after the second.
    knowledge.ahead.insert(ModelId::deployed(1), vec![f64::NAN, 0.75, 0.25]);
    knowledge.ahead.insert(ModelId::deployed(2), vec![f64::NAN, f64::NAN, 0.5]);
    let models = [answers(2, &[0, 1, 0, 0]), answers(3, &[0, 1, 2, 0]), answers(4, &[0, 1, 2, 3])];
    let log = log(&mut knowledge, &models, &labels);
    let reading = |stage| log.reading(ModelId::deployed(stage), FORWARD, "");
    assert_eq!((reading(1), reading(2), reading(3)), (None, Some(0.25), Some(0.0)));
}

#[test]
fn a_ceiling_is_read_and_stands_in_no_table() {
    let mut knowledge = knowledge(&[2, 4]);
    let labels = [0, 1, 2, 3];
    let star = ModelId::independent(2);
    let scores = answers(4, &[0, 1, 2, 3]);
    let event = knowledge.take(star, 3, &scores, &labels).unwrap();
    let Event::Measured { readings, .. } = &event else { panic!("it is a measurement") };
    assert!(readings.iter().all(|reading| reading.quantity != AVERAGE), "{readings:?}");
    knowledge.take(ModelId::deployed(1), 3, &answers(2, &[0, 1, 0, 0]), &labels).unwrap();
    let log = RunLog::of(&knowledge.tables(&[]));
    assert_eq!(log.table(ACCURACY).unwrap().rows, ["v1"]);
    assert!(knowledge.take(ModelId::deployed(9), 3, &scores, &labels).is_err());
}
