//! What a finished model costs to keep and to run: counted, not timed, so that every machine says the same.
//!
//! Seconds are no part of it: those of a training stand in its event ([`Event::ModelTrained`]). Nor is what a gallery stores per item,
//! which the verdict tells.

use protocol::{Better, Event, ModelId, Quantity, Reading};

use crate::runner::Runner;
use crate::{Bridge, Kept, LabError, Model};

const PARAMETERS: &str = "parameters";
const BYTES: &str = "bytes";
const FLOPS: &str = "flops";
const STORED: &str = "stored";
/// Bytes of a number in a model file.
const NUMBER: u64 = 4;

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    let number = |id, name, unit, about| Quantity::new(id, name, unit, Better::Lower, about);
    vec![
        number(
            PARAMETERS,
            "Parameters",
            "",
            "Numbers in the model that training sets, those of its head among them; of an ensemble those of all its members.",
        ),
        number(
            BYTES,
            "Weights",
            "bytes",
            "Size of its weights in a model file, 4 bytes per number: what embeds an item, and a bridge if it has one, but no head.",
        ),
        number(
            FLOPS,
            "Embedding one item",
            "operations",
            "Operations of its forward pass as a model file has it, a multiplication with an addition being two: products of matrices, convolutions and attention; what is done to each number alone is left out.",
        ),
        number(
            STORED,
            "Left for later models",
            "floats",
            "Numbers that are kept beside the model for those that go on from it, as Fisher information or class means; items that a later stage sees again are not among them.",
        ),
    ]
}

/// What a model of items of shape `input` (channels, height, width) costs; `kept` is what it left, if that is known.
fn readings(model: &dyn Model, input: [usize; 3], kept: Option<&Kept>) -> Result<Vec<Reading>, LabError> {
    let file = model.portable();
    let numbers = file.parameters() + model.bridge()?.as_ref().map_or(0, Bridge::parameters);
    let counts = [
        (PARAMETERS, Some(model.parameters())),
        (BYTES, Some(NUMBER * numbers)),
        (FLOPS, file.operations(input)?),
        (STORED, kept.map(|kept| kept.values().map(|numbers| numbers.len() as u64).sum::<u64>())),
    ];
    let reading = |(quantity, count): (&str, Option<u64>)| Reading::of(quantity, "", count? as f64);
    Ok(counts.into_iter().filter_map(reading).collect())
}

impl Runner {
    /// Counts what a finished model costs.
    pub(crate) fn costs(&self, id: ModelId, model: &dyn Model) -> Result<Event, LabError> {
        let input = self.dataset.train.items().shape().sides();
        // Of a model that came as a file nobody knows what it left.
        let readings = readings(model, input, self.kept.get(&id))?;
        let step = self.steps.get(&id).copied().unwrap_or(0);
        Ok(Event::Measured { model: id, step, readings })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::{Device, Tensor};
    use data::{ImageShape, ItemShape, Seed};
    use protocol::{Choice, Stage};

    use super::*;
    use crate::methods::method;
    use crate::{Engine, Init, Parent, Portable, Setup};

    const IMAGE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

    /// A model of ten classes and 32 dims that no more than begins.
    fn begun(id: &str, encoder: Choice, parents: Vec<Parent>) -> Arc<dyn Model> {
        let engine = Engine::cpu("a test");
        let stage = Stage { encoder, method: Choice::of(id), ..Stage::default() };
        let setup = Setup {
            stage: &stage,
            input: ItemShape::Pixels(IMAGE),
            classes: 10,
            all_classes: 10,
            engine: &engine,
            init: Init::new(Seed(1).stream("cost"), engine.training()),
            seed: Seed(1),
            parents,
            teacher: None,
            paired: None,
            source: None,
        };
        let training = (method(id).unwrap().start)(setup).unwrap();
        training.model().unwrap()
    }

    fn plain(encoder: Choice) -> Arc<dyn Model> {
        begun(Choice::PLAIN, encoder, Vec::new())
    }

    fn mlp() -> Arc<dyn Model> {
        plain(Choice::of("mlp").with("hidden", 64.0))
    }

    fn cnn() -> Arc<dyn Model> {
        plain(Choice::of("cnn").with("channels", 4.0))
    }

    /// Parameters, bytes, operations and what was left, as far as there is a reading.
    fn costs(model: &dyn Model, kept: Option<&Kept>) -> [Option<f64>; 4] {
        let found = readings(model, [IMAGE.channels, IMAGE.height, IMAGE.width], kept).unwrap();
        [PARAMETERS, BYTES, FLOPS, STORED].map(|id| found.iter().find(|it| it.quantity == id).map(|it| it.value))
    }

    #[test]
    fn an_mlp_by_hand() {
        // 784 x 64 + 64 and 64 x 32 + 32; the head has 10 rows of 32.
        let (encoder, head) = (50_240.0 + 2_080.0, 320.0);
        let operations = 2.0 * (784.0 * 64.0 + 64.0 * 32.0);
        assert_eq!(operations, 104_448.0);
        let expected = [Some(encoder + head), Some(4.0 * encoder), Some(operations)];
        let [parameters, bytes, found, stored] = costs(mlp().as_ref(), Some(&Kept::new()));
        assert_eq!(([parameters, bytes, found], stored), (expected, Some(0.0)));
    }

    #[test]
    fn a_cnn_by_hand() {
        // 3 x 3 from 1 to 4 and from 4 to 8 channels, then 8 x 7 x 7 to 32.
        let (encoder, head) = (40.0 + 296.0 + 12_576.0, 320.0);
        let operations = 2.0 * (9.0 * 4.0 * 784.0 + 9.0 * 4.0 * 8.0 * 196.0 + 392.0 * 32.0);
        assert_eq!(operations, 194_432.0);
        let expected = [Some(encoder + head), Some(4.0 * encoder), Some(operations), None];
        assert_eq!(costs(cnn().as_ref(), None), expected);
    }

    #[test]
    fn a_vision_transformer_by_hand() {
        let vit = Choice::of("vit").with("patch", 14.0).with("width", 16.0).with("layers", 1.0);
        let [_, _, operations, _] = costs(plain(vit).as_ref(), None);
        // Four tokens of 16: from patches, to query, key and value, among each other, projected, through the MLP; then one row.
        let tokens = 196.0 * 16.0 + 16.0 * 48.0 + 2.0 * 4.0 * 16.0 + 16.0 * 16.0 + 2.0 * 16.0 * 64.0;
        assert_eq!(operations, Some(2.0 * (4.0 * tokens + 16.0 * 32.0)));
        assert_eq!(operations, Some(51_712.0));
    }

    #[test]
    fn an_ensemble_costs_all_its_members() {
        let needs = (method("ensemble").unwrap().card)().needs;
        let members = [mlp(), cnn()];
        let parents = members.iter().map(|model| Parent::new(&needs, model, 10)).collect();
        let model = begun("ensemble", Choice::of("mlp"), parents);
        let [first, second] = members.map(|model| costs(model.as_ref(), None).map(Option::unwrap_or_default));
        let sum: Vec<f64> = first.iter().zip(&second).map(|(first, second)| first + second).collect();
        assert_eq!(sum, [65_872.0, 260_928.0, 298_880.0, 0.0]);
        // Beside its members a file of it has the two unit matrices that add them up.
        let both = 2.0 * 32.0 * 32.0;
        let expected = [65_872.0, 260_928.0 + 4.0 * both, 298_880.0 + 2.0 * both].map(Some);
        let [parameters, bytes, operations, _] = costs(model.as_ref(), None);
        assert_eq!([parameters, bytes, operations], expected);
    }

    /// Weights of which nobody wrote down what is done with them.
    struct Unwritten;

    impl Model for Unwritten {
        fn parameters(&self) -> u64 {
            2
        }

        fn portable(&self) -> Portable {
            let mut file = Portable::default();
            file.keep("state", Tensor::<1>::zeros([3], &Device::flex()));
            file
        }
    }

    #[test]
    fn what_is_not_known_has_no_reading() {
        assert_eq!(costs(&Unwritten, None), [Some(2.0), Some(12.0), None, None]);
    }

    #[test]
    fn what_is_left_for_later_models_is_counted_over_all_names() {
        let kept = Kept::from([("fisher".to_owned(), vec![0.5; 5]), ("start".to_owned(), vec![0.0; 7])]);
        let [.., stored] = costs(&Unwritten, Some(&kept));
        assert_eq!(stored, Some(12.0));
    }

    #[test]
    fn every_reading_is_of_a_declared_quantity() {
        let readings = readings(mlp().as_ref(), [1, 28, 28], Some(&Kept::new())).unwrap();
        let found: Vec<String> = readings.into_iter().map(|reading| reading.quantity).collect();
        let declared: Vec<String> = quantities().into_iter().map(|quantity| quantity.id).collect();
        assert_eq!(found, declared);
    }
}
