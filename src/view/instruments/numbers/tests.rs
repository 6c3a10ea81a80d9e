use protocol::{Event, Packed};

use super::*;
use crate::view::testing::{NEW, OLD, half_way, knowledge, measured};

fn of(log: &RunLog, quantity: &str, over: Over) -> Curves {
    curves(log, log.quantity(quantity).unwrap(), &Of::All, over, Axis::Steps)
}

fn lines(curves: &Curves) -> Vec<(&str, &[(f64, f64)])> {
    curves.series.iter().map(|it| (it.label.as_str(), it.points.as_slice())).collect()
}

#[test]
fn a_quantity_is_offered_from_its_second_reading_on() {
    let choices = |log: &RunLog| -> Vec<(String, Vec<Over>)> {
        let overs = |choice: &Choice| choice.over.iter().map(|(over, _)| *over).collect();
        shown(log).into_iter().map(|choice| (choice.id.clone(), overs(&choice))).collect()
    };
    assert_eq!(
        choices(&knowledge()),
        [("accuracy".to_owned(), vec![Over::Training, Over::Models]), ("distance".to_owned(), vec![Over::Training])]
    );
    assert_eq!(choices(&half_way()), []);
    let distance = shown(&knowledge()).remove(1);
    assert_eq!((distance.nearest(Some(Over::Models)), distance.nearest(None)), (Over::Training, Over::Training));
}

#[test]
fn over_training_each_model_and_part_has_a_curve() {
    let curves = of(&knowledge(), "accuracy", Over::Training);
    assert_eq!(
        lines(&curves),
        [
            ("v1 task 1", &[(10.0, 60.0), (20.0, 75.0)][..]),
            ("v2 task 1", &[(20.0, 50.0)]),
            ("v2 task 2", &[(20.0, 100.0)]),
            ("v2* task 1", &[(20.0, 80.0)])
        ]
    );
    let looks: Vec<(Ink, Dash)> = curves.series.iter().map(|it| (it.ink, it.dash)).collect();
    assert_eq!(looks[0], (Ink::Group(0), Dash::Solid));
    assert_eq!(looks[2], (Ink::Group(1), Dash::Dashed), "the colour is the part's, the dash the model's");
    assert_eq!(
        (&*curves.y_label, curves.caption.as_str()),
        ("Accuracy, points", "Share of right answers. Higher is better.")
    );
}

#[test]
fn over_models_each_part_has_a_curve_with_the_last_readings() {
    let curves = of(&knowledge(), "accuracy", Over::Models);
    assert_eq!(
        lines(&curves),
        [
            ("deployed task 1", &[(1.0, 75.0), (2.0, 50.0)][..]),
            ("deployed task 2", &[(2.0, 100.0)]),
            ("alone task 1", &[(2.0, 80.0)])
        ]
    );
    assert_eq!((curves.x, curves.table()[0].0), (Axis::Models, 1.0));
}

#[test]
fn a_quantity_of_the_whole_has_its_own_unit_and_colours_by_model() {
    let mut log = knowledge();
    log.apply(&measured(NEW, 30, &[("distance", "", 2.0)]));
    let curves = of(&log, "distance", Over::Training);
    assert_eq!(lines(&curves), [("v1", &[(10.0, 8.0), (20.0, 4.0)][..]), ("v2", &[(30.0, 2.0)])]);
    assert_eq!((&*curves.y_label, curves.series[1].ink), ("Distance, px", Ink::Group(1)));
    assert!(curves.caption.ends_with("Lower is better."));
    assert_eq!(lines(&of(&log, "floats", Over::Training)), [("v1", &[(20.0, 64.0)][..])]);
}

#[test]
fn of_more_curves_than_can_be_told_apart_one_part_is_drawn() {
    let mut log = knowledge();
    let accuracy = |log: &RunLog| shown(log).remove(0);
    assert_eq!(accuracy(&log).parts, ["task 1", "task 2"]);
    assert_eq!(accuracy(&log).of(None), Of::All);
    let parts: Vec<String> = (1..=6).map(|task| format!("task {task}")).collect();
    for model in [OLD, NEW] {
        let readings: Vec<(&str, &str, f64)> = parts.iter().map(|part| ("accuracy", part.as_str(), 0.5)).collect();
        log.apply(&measured(model, 40, &readings));
    }
    let choice = accuracy(&log);
    assert_eq!(choice.of(None), Of::Part("task 1".to_owned()));
    assert_eq!(choice.of(Some(&Of::All)), Of::All);
    // A choice that another quantity offered is none here.
    assert_eq!(choice.of(Some(&Of::Part("length 8".to_owned()))), choice.of(None));
    let second = Of::Part("task 2".to_owned());
    let drawn = curves(&log, log.quantity("accuracy").unwrap(), &second, Over::Training, Axis::Steps);
    assert_eq!(lines(&drawn).iter().map(|line| line.0).collect::<Vec<_>>(), ["v1 task 2", "v2 task 2"]);
    assert_ne!(drawn.series[0].ink, drawn.series[1].ink, "one part: the colours are the models'");
}

#[test]
fn a_table_with_numbers_for_columns_is_a_curve_per_row() {
    let mut log = knowledge();
    let table = |columns: [&str; 3]| Table {
        id: "by-length".to_owned(),
        title: String::new(),
        quantity: "accuracy".to_owned(),
        row_of: "Model".to_owned(),
        rows: vec!["v1".to_owned(), "v2".to_owned()],
        column_of: "Length".to_owned(),
        columns: columns.map(str::to_owned).into(),
        cells: Packed(vec![1.0, 0.75, 0.5, 1.0, f32::NAN, 0.25]),
    };
    log.apply(&Event::TableMeasured { table: table(["task 1", "task 2", "task 3"]) });
    assert!(shown(&log)[0].over.iter().all(|(over, _)| *over != Over::Columns), "names are no places");
    log.apply(&Event::TableMeasured { table: table(["2", "8", "20"]) });
    let choice = shown(&log).remove(0);
    assert_eq!(choice.over.last(), Some(&(Over::Columns, "length".to_owned())));
    assert_eq!(choice.nearest(None), Over::Training, "the run goes on");
    let curves = of(&log, "accuracy", Over::Columns);
    assert_eq!(
        lines(&curves),
        [("v1", &[(2.0, 100.0), (8.0, 75.0), (20.0, 50.0)][..]), ("v2", &[(2.0, 100.0), (20.0, 25.0)])]
    );
    assert_eq!((curves.x_label(), curves.x_unit(), &*curves.place(8.0)), ("length", "length", "at length 8"));
    log.state = RunState::Finished;
    assert_eq!(shown(&log)[0].nearest(None), Over::Columns);
}

#[test]
fn parts_are_in_the_order_of_their_numbers() {
    let mut parts = ["task 10", "", "task 2", "forget set", "task 1"];
    parts.sort_by_key(|part| natural(part));
    assert_eq!(parts, ["", "forget set", "task 1", "task 2", "task 10"]);
}
