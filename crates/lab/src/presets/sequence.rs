//! Linear recurrences on worlds whose answer is a state.

use protocol::{Choice, DataSpec, EvaluationSpec, Preset, Scenario, Schedule, Stage};

use super::{preset, shorter};

/// A stage of a world with so many states: a linear recurrence under `method`, with eigenvalues from -1 on if they are `wide`.
fn recurrence(states: u32, epochs: u32, method: &str, wide: bool) -> Stage {
    let method = Choice::of(method).with("range", f64::from(u8::from(wide)));
    let schedule = Schedule { batch: 64, decay: 0.0, ..shorter(epochs, 5e-3) };
    Stage { classes: states, method, schedule, ..Stage::default() }
}

/// The same with other parameters of its method.
fn with<const N: usize>(values: [(&str, f64); N], stage: Stage) -> Stage {
    let method = values.into_iter().fold(stage.method, |method, (id, value)| method.with(id, value));
    Stage { method, ..stage }
}

/// The same stages on sequences of a world that is made: of lengths 8 to 20, asked up to 80.
fn on_sequences(world: &str, train_per_class: u32, preset: Preset) -> Preset {
    let lengths = [("shortest", 8.0), ("longest", 20.0), ("asked", 80.0)].map(|(id, length)| (id.to_owned(), length));
    let dataset = world.to_owned();
    let data =
        DataSpec { dataset, train_per_class, shift: 0, noise: 0.0, values: lengths.into(), ..DataSpec::default() };
    let evaluation = EvaluationSpec { every: 16, ..EvaluationSpec::default() };
    Preset { scenario: Scenario { data, evaluation, ..preset.scenario }, ..preset }
}

/// What linear recurrences can follow and what not; they answer after every symbol.
pub(super) fn presets() -> Vec<Preset> {
    let (delta, diagonal) = ("delta-net", "diagonal-ssm");
    // Beside the one before, not on it.
    let anew = ("start", 1.0);
    let two = ("reflections", 2.0);
    // Short beginnings for most of the training: without them the permutations were not learned in 600 steps (seed 1).
    let grown = ("growing", 0.7);
    vec![
        on_sequences(
            "parity",
            1000,
            preset(
                "parity",
                "One constant",
                "Even or odd? A linear recurrence whose eigenvalues are all above 0 forgets and cannot say; then its checkpoint is trained \
                 on with one constant changed, so that they reach down to -1. Watch the accuracy at lengths that no training sequence has, \
                 of DeltaNet and of a diagonal recurrence.",
                [
                    recurrence(2, 6, delta, false),
                    recurrence(2, 6, delta, true),
                    with([anew], recurrence(2, 6, diagonal, false)),
                    recurrence(2, 6, diagonal, true),
                ],
            ),
        ),
        on_sequences(
            "count-mod-3",
            1000,
            preset(
                "counting",
                "Counting in threes",
                "Eigenvalues below 0 are not enough to count modulo 3: a turn by a third has none that is real. Watch a diagonal recurrence \
                 guess beyond what it was trained on, and whether two reflections per symbol, which make a turn, carry DeltaNet on where one \
                 does not.",
                [
                    with([grown], recurrence(3, 8, diagonal, true)),
                    with([("heads", 2.0), grown, anew], recurrence(3, 8, delta, true)),
                    with([two, ("heads", 2.0), grown, anew], recurrence(3, 8, delta, true)),
                ],
            ),
        ),
        on_sequences(
            "permutations-s3",
            800,
            preset(
                "permutations",
                "Three cups",
                "In which order are three things after all the swaps? Products of two reflections per symbol can follow every permutation \
                 of them, once their eigenvalues reach down to -1. Watch whether the second model, begun anew, learns what the first could not, \
                 and whether one reflection or a diagonal recurrence keeps track.",
                [
                    with([two, grown], recurrence(6, 6, delta, false)),
                    // Continued from the first it stayed at 18 % after 40 symbols (seed 1), where guessing has 17.
                    with([two, grown, anew], recurrence(6, 6, delta, true)),
                    with([grown, anew], recurrence(6, 6, delta, true)),
                    with([grown, anew], recurrence(6, 6, diagonal, true)),
                ],
            ),
        ),
    ]
}
