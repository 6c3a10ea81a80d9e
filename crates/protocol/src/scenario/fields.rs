//! The described numbers of a scenario that belong to no encoder and no method. Controls, links and bounds come from here.

use crate::{Parameter, Scenario, Stage};

/// One described number of a `T` with the way to read and to write it.
pub struct Field<T: 'static> {
    /// Name, bounds, default and explanation. The id is the path within `T`, as in `schedule.epochs`.
    pub parameter: Parameter,
    /// Heading under which a form shows it.
    pub group: &'static str,
    /// Reads the value.
    pub get: fn(&T) -> f64,
    /// Writes the value; the caller brings it within bounds first.
    pub set: fn(&mut T, f64),
}

/// Declares a field whose id is the path of the Rust field itself, so that the two cannot drift apart.
macro_rules! field {
    ($owner:ty, $group:literal, $parameter:expr, $($path:ident).+ as $number:ty) => {
        Field::<$owner> {
            parameter: Parameter { id: stringify!($($path).+).to_owned(), ..$parameter },
            group: $group,
            get: |owner| owner.$($path).+ as f64,
            set: |owner, value| owner.$($path).+ = value as $number,
        }
    };
}

/// The numbers that hold for the whole run.
pub fn run_fields() -> Vec<Field<Scenario>> {
    vec![
        field!(
            Scenario,
            "Run",
            Parameter::integer(
                "",
                "Seed",
                (0, u32::MAX),
                1,
                "Decides weights, shuffles, augmentation and splits; the same seed replays the same run."
            ),
            seed as u64
        ),
        field!(
            Scenario,
            "Data",
            Parameter::integer(
                "",
                "Training images",
                (5, 1000),
                400,
                "Training images per class for a stage that sees all of its data."
            )
            .with_unit("per class"),
            data.train_per_class as u32
        ),
        field!(
            Scenario,
            "Data",
            Parameter::integer(
                "",
                "Test images",
                (2, 200),
                200,
                "Test images per class; each one is a query and a gallery item."
            )
            .with_unit("per class"),
            data.test_per_class as u32
        ),
        field!(
            Scenario,
            "Data",
            Parameter::integer("", "Shift", (0, 4), 1, "Training images are moved by up to this many pixels each way.")
                .with_unit("px"),
            data.shift as u32
        ),
        field!(
            Scenario,
            "Data",
            Parameter::real(
                "",
                "Noise",
                (0.0, 0.5, 0.01),
                0.05,
                "Standard deviation of the noise added to training images, in units of the pixel range."
            ),
            data.noise as f64
        ),
        field!(
            Scenario,
            "Measuring",
            Parameter::integer(
                "",
                "Loss read every",
                (1, 200),
                4,
                "Steps between two reads of the loss terms; more is faster on a GPU."
            )
            .with_unit("steps"),
            evaluation.loss_every as u32
        ),
        field!(
            Scenario,
            "Measuring",
            Parameter::integer(
                "",
                "Retrieval every",
                (1, 1000),
                40,
                "Steps between two live measurements of retrieval."
            )
            .with_unit("steps"),
            evaluation.every as u32
        ),
        field!(
            Scenario,
            "Measuring",
            Parameter::integer(
                "",
                "Live queries",
                (20, 2000),
                400,
                "Queries in the live sample; the final matrix uses the whole test set."
            ),
            evaluation.queries as u32
        ),
        field!(
            Scenario,
            "Measuring",
            Parameter::integer(
                "",
                "Live gallery",
                (20, 2000),
                1000,
                "Gallery items in the live sample; the final matrix uses the whole test set."
            ),
            evaluation.gallery as u32
        ),
    ]
}

/// The numbers of one stage.
pub fn stage_fields() -> Vec<Field<Stage>> {
    vec![
        field!(
            Stage,
            "Data",
            Parameter::integer(
                "",
                "Classes",
                (2, 100),
                10,
                "The model is trained on this many classes, the first ones of the dataset."
            ),
            classes as u32
        ),
        field!(
            Stage,
            "Data",
            Parameter::real(
                "",
                "Share of the data",
                (0.05, 1.0, 0.05),
                1.0,
                "Share of the training images of those classes that it sees."
            ),
            fraction as f64
        ),
        field!(
            Stage,
            "Data",
            Parameter::integer(
                "",
                "Rehearsal",
                (0, 400),
                0,
                "Training images kept per class of the stage before, where classes arrive one task after the other; 0 keeps all."
            )
            .with_unit("per class"),
            rehearsal as u32
        ),
        field!(
            Stage,
            "Model",
            Parameter::integer(
                "",
                "Dims",
                (2, 128),
                32,
                "Dims of the embedding that the encoder is asked for; a method may store more."
            ),
            dims as u32
        ),
        field!(
            Stage,
            "Training",
            Parameter::integer("", "Epochs", (1, 100), 20, "Passes over the training images."),
            schedule.epochs as u32
        ),
        field!(
            Stage,
            "Training",
            Parameter::integer("", "Batch", (8, 512), 128, "Images per training step."),
            schedule.batch as u32
        ),
        field!(
            Stage,
            "Training",
            Parameter::real(
                "",
                "Learning rate",
                (0.0, 0.1, 0.0005),
                2e-3,
                "Peak learning rate of Adam, reached after the warm-up."
            )
            .hot(),
            schedule.rate as f64
        ),
        field!(
            Stage,
            "Training",
            Parameter::real(
                "",
                "Warm-up",
                (0.0, 10.0, 0.5),
                1.0,
                "Epochs in which the rate rises linearly; after them it falls as a cosine."
            )
            .with_unit("epochs"),
            schedule.warmup as f64
        ),
        field!(
            Stage,
            "Training",
            Parameter::real(
                "",
                "Weight decay",
                (0.0, 0.01, 0.0001),
                1e-4,
                "L2 penalty on weight matrices; biases, norms and rotations are exempt."
            ),
            schedule.decay as f64
        ),
        field!(
            Stage,
            "Training",
            Parameter::real(
                "",
                "Logit scale",
                (1.0, 64.0, 1.0),
                10.0,
                "Cosine logits are multiplied by this before the softmax."
            ),
            schedule.scale as f64
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_the_schema_are_the_defaults_of_the_structs() {
        let scenario = Scenario::default();
        for field in run_fields() {
            assert_eq!((field.get)(&scenario), field.parameter.default, "{}", field.parameter.id);
        }
        let stage = Stage::default();
        for field in stage_fields() {
            assert_eq!((field.get)(&stage), field.parameter.default, "{}", field.parameter.id);
        }
    }

    #[test]
    fn a_field_reads_back_what_it_wrote() {
        for field in stage_fields() {
            let mut stage = Stage::default();
            let (min, _) = field.parameter.bounds();
            (field.set)(&mut stage, min);
            assert_eq!((field.get)(&stage), min, "{}", field.parameter.id);
        }
    }
}
