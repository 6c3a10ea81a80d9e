//! The network around a recurrence: symbols become vectors, each layer mixes along the sequence and then within each place, and every
//! place answers.
//!
//! It is causal: what comes later, what fills a short sequence up included, never changes an answer.

use burn::module::{Module, ModuleDisplay, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::activation::{gelu, log_softmax};
use burn::tensor::{Int, Tensor};

use crate::{Init, LabError, rows_at};

/// Width of the hidden layer within a place in widths of a place.
const EXPANSION: usize = 2;

/// What mixes along a sequence, causally.
pub trait Mixer: Module + ModuleDisplay + Sync + 'static {
    /// # Shapes
    /// - places, output: `[batch, places, width]`
    fn mix(&self, places: Tensor<3>) -> Tensor<3>;
}

/// How large a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Symbols there are, what fills sequences up included.
    pub(super) vocabulary: usize,
    /// States that it chooses among.
    pub(super) classes: usize,
    /// Numbers of one place.
    pub(super) width: usize,
    /// Layers, at least 1.
    pub(super) layers: usize,
}

/// Embedded symbols, pre-norm layers, a last normalisation and an answer for every place.
#[derive(Module, Debug)]
pub struct Net<M: Module> {
    /// One row per symbol, `[vocabulary, width]`.
    symbols: Param<Tensor<2>>,
    layers: Vec<Layer<M>>,
    norm: LayerNorm,
    output: Linear,
}

/// `x + mix(norm(x))`, then `x + contract(gelu(expand(norm(x))))`.
#[derive(Module, Debug)]
struct Layer<M: Module> {
    mixer_norm: LayerNorm,
    mixer: M,
    mlp_norm: LayerNorm,
    expand: Linear,
    contract: Linear,
}

impl<M: Mixer> Net<M> {
    /// A network of this size around mixers that `mixer` makes, drawn in the order in which they are used.
    ///
    /// # Errors
    /// What `mixer` says.
    pub(super) fn new(
        size: Size,
        init: &mut Init,
        mut mixer: impl FnMut(&mut Init) -> Result<M, LabError>,
    ) -> Result<Self, LabError> {
        let Size { vocabulary, classes, width, layers } = size;
        // As large as a normalised place, so that symbols differ from the first step on.
        let symbols = init.uniform([vocabulary, width], 1.0);
        let layers = (0..layers).map(|_| {
            Ok(Layer {
                mixer_norm: init.layer_norm(width),
                mixer: mixer(init)?,
                mlp_norm: init.layer_norm(width),
                expand: init.linear(width, EXPANSION * width),
                contract: init.linear(EXPANSION * width, width),
            })
        });
        let layers = layers.collect::<Result<_, LabError>>()?;
        Ok(Self { symbols, layers, norm: init.layer_norm(width), output: init.linear(width, classes) })
    }

    /// The score of every state at every place.
    ///
    /// # Shapes
    /// - symbols: `[batch, places]`, each below the vocabulary
    /// - output: `[batch * places, classes]`, by item, then place
    pub(super) fn scores(&self, symbols: Tensor<2, Int>) -> Tensor<2> {
        let [batch, places] = symbols.dims();
        let rows = rows_at(self.symbols.val(), symbols.reshape([batch * places]));
        let [_, width] = rows.dims();
        let mut x = rows.reshape([batch, places, width]);
        for layer in &self.layers {
            x = x.clone() + layer.mixer.mix(layer.mixer_norm.forward(x));
            x = x.clone() + layer.contract.forward(gelu(layer.expand.forward(layer.mlp_norm.forward(x))));
        }
        self.output.forward(self.norm.forward(x).reshape([batch * places, width]))
    }

    /// Cross entropy of the state after every symbol, mean over all places at which one is asked for: those whose state is among the
    /// classes of the scores. What fills a sequence up has none.
    ///
    /// # Shapes
    /// - symbols: `[batch, places]`
    /// - states: `[batch, places]`, at least 0
    /// - output: `[1]`
    pub(super) fn loss(&self, symbols: Tensor<2, Int>, states: Tensor<2, Int>) -> Tensor<1> {
        let scores = self.scores(symbols);
        let [places, classes] = scores.dims();
        let last = i32::try_from(classes).unwrap_or(i32::MAX) - 1;
        let states: Tensor<2, Int> = states.reshape([places, 1]);
        let asked = states.clone().lower_equal_elem(last).float();
        let own = log_softmax(scores, 1).gather(1, states.clamp_max(last)); // [places, 1]
        (own * asked.clone()).sum().neg() / asked.sum().clamp_min(1.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use data::Seed;
    use pollster::block_on;
    use protocol::Values;

    use super::*;
    use crate::engine::read;
    use crate::methods::sequence::tracker::Asked;
    use crate::methods::sequence::{DeltaNet, DiagonalSsm};

    const SIZE: Size = Size { vocabulary: 4, classes: 3, width: 8, layers: 2 };

    fn net<M: Asked>() -> Net<M> {
        let values = [("range", 1.0), ("heads", 2.0), ("reflections", 2.0)];
        let values: Values = values.map(|(id, value)| (id.to_owned(), value)).into();
        let mut init = Init::new(Seed(1).stream("net"), Device::flex());
        Net::new(SIZE, &mut init, |init| M::new(&values, SIZE.width, init)).unwrap()
    }

    fn ints(values: &[i32], places: usize) -> Tensor<2, Int> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / places, places]), &Device::flex())
    }

    fn near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-5);
        assert!(close, "{found:?}, not {expected:?}");
    }

    fn what_comes_later_changes_nothing<M: Asked>() {
        let net = net::<M>();
        let scores = |symbols, places| block_on(read(net.scores(ints(symbols, places)))).unwrap();
        let short = scores(&[0, 1, 2, 2, 1, 0], 3);
        let filled = scores(&[0, 1, 2, 3, 3, 2, 1, 0, 3, 3], 5);
        let other = scores(&[0, 1, 2, 0, 1, 2, 1, 0, 2, 2], 5);
        // Three places of three scores of the first item, then those of the second.
        for long in [&filled, &other] {
            near(&[&long[..9], &long[15..24]].concat(), &short);
        }
        assert!(filled[9..15] != other[9..15], "it does look at the symbols");
        // The state after a symbol depends on those before it.
        let changed = scores(&[1, 1, 2, 2, 1, 0], 3);
        assert!(changed[6..9] != short[6..9]);

        let loss =
            |symbols, states, places| block_on(read(net.loss(ints(symbols, places), ints(states, places)))).unwrap();
        let expected = loss(&[0, 1, 2, 2, 1, 0], &[0, 1, 0, 2, 0, 2], 3);
        near(&loss(&[0, 1, 2, 3, 3, 2, 1, 0, 3, 3], &[0, 1, 0, 3, 3, 2, 0, 2, 3, 3], 5), &expected);
    }

    #[test]
    fn what_fills_a_sequence_up_changes_no_answer_and_no_loss() {
        what_comes_later_changes_nothing::<DeltaNet>();
        what_comes_later_changes_nothing::<DiagonalSsm>();
    }

    #[test]
    fn the_loss_is_the_mean_over_places_that_are_asked() {
        let net = net::<DiagonalSsm>();
        let (symbols, states) = ([0, 1, 2, 3], [2, 0, 1, 3]);
        let scores = block_on(read(net.scores(ints(&symbols, 4)))).unwrap();
        let log = |place: usize| {
            let row = &scores[3 * place..3 * place + 3];
            row[states[place] as usize] - row.iter().map(|score| score.exp()).sum::<f32>().ln()
        };
        let expected = -(log(0) + log(1) + log(2)) / 3.0;
        near(&block_on(read(net.loss(ints(&symbols, 4), ints(&states, 4)))).unwrap(), &[expected]);
        // Nothing is asked: no loss, and no division by nothing.
        near(&block_on(read(net.loss(ints(&symbols, 4), ints(&[3; 4], 4)))).unwrap(), &[0.0]);
    }
}
