use burn::tensor::Device;
use pollster::block_on;
use protocol::RunLog;

use super::*;
use crate::Portable;

/// Carries every point by the same way, whatever the number of steps.
struct Shift([f32; 2]);

impl Model for Shift {
    fn path(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
        let noise = noise.flat()?;
        let step = |at: usize| {
            let way = self.0.map(|way| way * at as f32 / steps as f32);
            let way = Tensor::<1>::from_data(TensorData::new(way.to_vec(), [2]), &Device::flex());
            Inputs::Rows(noise.clone() + way.unsqueeze())
        };
        Ok((1..=steps).map(step).collect())
    }

    fn parameters(&self) -> u64 {
        0
    }

    fn portable(&self) -> Portable {
        Portable::default()
    }
}

/// Four test items around each of two places, eight points of noise near the first.
fn samples() -> Samples {
    let near = |x: f32| [[x, 0.1], [x, -0.1], [x + 0.1, 0.0], [x - 0.1, 0.0]].concat();
    let (first, second) = (near(0.0), near(5.0));
    let real = [first.clone(), second].concat();
    let noise = [first.clone(), first.iter().map(|at| at * 0.5).collect()].concat();
    let names = vec!["left".to_owned(), "right".to_owned()];
    Samples::new(Yardstick::new(2, noise, real.clone(), &[0, 0, 0, 0, 1, 1, 1, 1], real, names).unwrap())
}

fn log(samples: &mut Samples, ways: &[[f32; 2]]) -> RunLog {
    let (engine, mut log) = (Engine::cpu("a test"), RunLog::default());
    log.apply(&Event::QuantitiesDeclared { quantities: quantities() });
    samples.target(ModelId::deployed(1)).iter().for_each(|event| log.apply(event));
    for (stage, &way) in (1..).zip(ways) {
        let (model, old) = (ModelId::deployed(stage), stage.checked_sub(1).filter(|&old| old > 0));
        let events = block_on(samples.take(model, 9, old.map(ModelId::deployed), &Shift(way), &engine)).unwrap();
        events.iter().for_each(|event| log.apply(event));
    }
    log
}

#[test]
fn what_two_models_make_by_hand() {
    let log = log(&mut samples(), &[[0.0, 0.0], [3.0, 4.0]]);
    let [v1, v2] = [1, 2].map(ModelId::deployed);
    let number = |model, quantity, of| log.reading(model, quantity, of).unwrap();
    assert!(number(v1, STRAIGHTNESS, "") < 1e-9 && number(v2, STRAIGHTNESS, "") < 1e-9, "both go straight");
    assert_eq!((number(v1, MODES, "1 step"), number(v2, MODES, "1 step")), (1.0, 0.0));
    assert_eq!((number(v1, IN_MODES, "4 steps"), number(v2, IN_MODES, "4 steps")), (1.0, 0.0));
    assert!((number(v2, MOVED, "2 steps") - 5.0).abs() < 1e-6);
    assert_eq!((number(v2, COVERAGE_OLD, "32 steps"), log.reading(v1, MOVED, "1 step")), (0.0, None));
    assert!(number(v1, DISTANCE, "1 step") > 2.0, "half of the mass is 5 away");
    let table = log.table(DISTANCE).unwrap();
    assert_eq!((table.rows.join(" "), table.cell(0, 0)), ("training items v1 v2".to_owned(), Some(0.0)));
    assert_eq!(table.cell(2, 3), Some(f64::from(number(v2, DISTANCE, "32 steps") as f32)));
    let shares = log.table(SHARE).unwrap();
    assert_eq!(
        (shares.rows.first().unwrap().as_str(), shares.columns.join(" ")),
        ("v1, 1 step", "left right none".to_owned())
    );
    assert_eq!([shares.cell(0, 0), shares.cell(0, 1), shares.cell(0, 2)], [Some(1.0), Some(0.0), Some(0.0)]);
    let moved = log.table(MOVED).unwrap();
    assert_eq!((moved.rows.as_slice(), moved.columns.len()), (&["v2".to_owned()][..], 4));
}

#[test]
fn the_same_noise_is_shown_at_every_moment_before_the_test_items() {
    let samples = samples();
    let engine = Engine::cpu("a test");
    let look = |step, way| block_on(samples.look(ModelId::deployed(1), step, &Shift(way), &engine)).unwrap();
    let (one, other) = (look(4, [0.0, 0.0]), look(8, [1.0, 0.0]));
    let shown = |events: &[Event]| {
        let exhibits = events.iter().filter_map(|event| match event {
            Event::ExhibitShown { exhibit } => Some(exhibit.clone()),
            _ => None,
        });
        exhibits.collect::<Vec<_>>()
    };
    let (one, other) = (shown(&one), shown(&other));
    let names: Vec<(&str, &str)> = one.iter().map(|it| (it.id.as_str(), it.behind.as_str())).collect();
    assert_eq!(names, [("samples-01", TARGET), ("samples-04", TARGET)]);
    let xy = |exhibit: &Exhibit| match &exhibit.things {
        Things::Points { xy, classes } => (xy.0.clone(), classes.0.clone()),
        _ => (Vec::new(), Vec::new()),
    };
    let ((before, classes), (after, _)) = (xy(one.first().unwrap()), xy(other.first().unwrap()));
    assert_eq!((before.len(), classes), (16, vec![0; 8]));
    for (at, (before, after)) in before.iter().zip(&after).enumerate() {
        assert!((after - before - if at % 2 == 0 { 1.0 } else { 0.0 }).abs() < 1e-6, "the point stays itself");
    }
}
