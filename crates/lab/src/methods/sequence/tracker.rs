//! What the methods of the family train: a network that answers at every place, with what all of them can be told.

use burn::module::Module;
use burn::tensor::Tensor;
use data::ItemShape;
use protocol::{Parameter, Stage, Values};

use super::net::{Mixer, Net, Size};
use crate::methods::{Before, method};
use crate::numbers::{keep, load};
use crate::{Batch, Init, Inputs, LabError, Portable, Setup, System, Term};

/// Parameter: how far the eigenvalues of a transition reach down.
pub(super) const RANGE: &str = "range";
/// Parameter: what a model with another before it begins with.
pub(super) const START: &str = "start";
/// Value of [`START`]: the weights of the model before.
pub(super) const WITH_OLD_WEIGHTS: f64 = 0.0;
/// Value of [`START`]: numbers drawn anew.
pub(super) const ANEW: f64 = 1.0;
const LAYERS: &str = "layers";
pub(super) const WIDTH: &str = "width";
/// Parameter: the share of a training over which sequences grow.
const GROWING: &str = "growing";
/// Symbols that are shown of each sequence in the first step of a training in which they grow.
const FIRST: usize = 2;

/// A [`Mixer`] that a stage can ask for.
pub trait Asked: Mixer {
    /// Makes one for places of `width` numbers.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if a parameter is missing.
    fn new(values: &Values, width: usize, init: &mut Init) -> Result<Self, LabError>;
}

/// A network that answers with a state after every symbol.
#[derive(Module, Debug)]
pub struct Tracker<M: Module> {
    net: Net<M>,
    growing: f64,
}

/// The parameters of all methods of the family, around those of one.
pub(super) fn parameters<const N: usize>(own: [Parameter; N]) -> Vec<Parameter> {
    let range = Parameter::options(
        RANGE,
        "Eigenvalues",
        &["0 to 1", "-1 to 1"],
        "What the eigenvalues of a transition may be: with none below 0 no state can be turned round.",
    );
    let others = [
        Parameter::integer(
            LAYERS,
            "Layers",
            (1, 3),
            1,
            "Layers of recurrence and MLP; later ones follow what earlier ones found.",
        ),
        Parameter::integer(WIDTH, "Width", (8, 64), 16, "Numbers of one place, and of one row of the state."),
        Parameter::options(
            START,
            "Begins",
            &["With the old weights", "Anew"],
            "What it begins with where a model stands before it: its weights as they are, or numbers drawn as for a first model.",
        ),
        Parameter::real(
            GROWING,
            "Growing sequences",
            (0.0, 1.0, 0.05),
            0.5,
            "Share of the training over which only the beginning of each sequence is shown, from two symbols on; 0 shows all at once.",
        ),
    ];
    std::iter::once(range).chain(own).chain(others).collect()
}

/// Refuses a model to go on from that has other weights. `sizes` are the parameters that decide how many there are beside layers and
/// width.
pub(super) fn check(stage: &Stage, before: Option<Before>, sizes: &[&str]) -> Result<(), LabError> {
    let Some(Before { stage: old, .. }) = before else { return Ok(()) };
    if value(&stage.method.values, START)? == ANEW {
        return Ok(());
    }
    let card = (method(&stage.method.id)?.card)();
    if old.method.id != stage.method.id {
        let other = (method(&old.method.id)?.card)().name;
        return Err(LabError::Scenario(format!(
            "{} goes on from weights of its own kind, but the model before is {other}; let it begin anew.",
            card.name
        )));
    }
    for id in [LAYERS, WIDTH].iter().chain(sizes) {
        let (new, before) = (value(&stage.method.values, id)?, value(&old.method.values, id)?);
        if new != before {
            let label =
                card.parameters.iter().find(|parameter| parameter.id == *id).map_or(*id, |it| it.label.as_str());
            return Err(LabError::Scenario(format!(
                "{} goes on from the weights of the model before, so '{label}' must be as there: {before}, not {new}; or let it begin anew.",
                card.name
            )));
        }
    }
    if old.classes != stage.classes {
        return Err(LabError::Scenario(format!(
            "{} goes on from the weights of the model before, which answers with {} classes; choose as many, or let it begin anew.",
            card.name, old.classes
        )));
    }
    Ok(())
}

/// A settled parameter.
pub(super) fn value(values: &Values, id: &str) -> Result<f64, LabError> {
    values.get(id).copied().ok_or_else(|| LabError::Scenario(format!("The method lacks its parameter '{id}'.")))
}

/// A settled parameter that counts something.
pub(super) fn count(values: &Values, id: &str) -> Result<usize, LabError> {
    // Settled ones are whole and within bounds far below.
    Ok(value(values, id)?.clamp(0.0, 65_535.0) as usize)
}

impl<M: Asked> Tracker<M> {
    /// Symbols that are shown of sequences of `places` symbols after this share of the training.
    fn shown(&self, places: usize, progress: f64) -> usize {
        if progress >= self.growing {
            return places;
        }
        ((places as f64 * progress / self.growing).ceil() as usize).max(FIRST).min(places)
    }
}

impl<M: Asked> System for Tracker<M> {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let ItemShape::Tokens { vocabulary, .. } = setup.input else {
            let name = (method(&setup.stage.method.id)?.card)().name;
            return Err(LabError::Scenario(format!(
                "{name} looks at sequences of symbols, but the items are {}; choose a world of sequences.",
                setup.input
            )));
        };
        let values = &setup.stage.method.values;
        let (width, layers) = (count(values, WIDTH)?.max(1), count(values, LAYERS)?.max(1));
        let size = Size { vocabulary, classes: setup.classes, width, layers };
        let mut net = Net::new(size, &mut setup.init, |init| M::new(values, width, init))?;
        let is_anew = value(values, START)? == ANEW;
        if let Some(parent) = setup.parents.first().filter(|_| !is_anew) {
            let (loaded, left) = load(net, parent.weights()?);
            if left != Some(&[]) {
                return Err(LabError::Scenario(
                    "The weights of the model before are not at hand or not those of such a network; let this one begin anew.".to_owned(),
                ));
            }
            net = loaded;
        }
        Ok(Self { net, growing: value(values, GROWING)? })
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let (symbols, states) = (batch.items.tokens()?, batch.beside()?.tokens()?);
        let [_, places] = symbols.dims();
        let shown = self.shown(places, batch.progress);
        let loss = self.net.loss(symbols.narrow(1, 0, shown), states.narrow(1, 0, shown));
        Ok(vec![Term::new("task", 1.0, loss)])
    }

    fn answer(&self, items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        Ok(Some(self.net.scores(items.tokens()?)))
    }

    fn portable(&self) -> Portable {
        let mut file = Portable::default();
        keep(&self.net, &mut file);
        file
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use data::Seed;
    use protocol::Choice;

    use super::*;
    use crate::methods::sequence::DiagonalSsm;

    /// A stage with a method of the catalogue and all of its parameters.
    fn stage(id: &str, changed: &[(&str, f64)]) -> Stage {
        let card = (method(id).unwrap().card)();
        let mut values: Values = card.parameters.iter().map(|it| (it.id.clone(), it.default)).collect();
        values.extend(changed.iter().map(|(id, value)| ((*id).to_owned(), *value)));
        Stage { classes: 2, method: Choice { id: id.to_owned(), values }, ..Stage::default() }
    }

    fn refused(new: &Stage, old: &Stage) -> Option<String> {
        let before = Before { stage: old, dims: 0, from: &[], others: &[] };
        (method(&new.method.id).unwrap().check)(new, Some(before)).err().map(|error| error.to_string())
    }

    #[test]
    fn weights_go_on_into_the_same_network_alone() {
        let old = stage("delta-net", &[]);
        assert_eq!(refused(&stage("delta-net", &[(RANGE, 1.0)]), &old), None, "the range is no weight");
        let sentence = refused(&stage("delta-net", &[("reflections", 2.0)]), &old).unwrap();
        assert!(sentence.contains("'Factors per symbol' must be as there: 1, not 2"), "{sentence}");
        assert!(
            refused(&stage("delta-net", &[(WIDTH, 32.0)]), &old)
                .unwrap()
                .contains("'Width' must be as there: 16, not 32")
        );
        assert!(refused(&stage("diagonal-ssm", &[]), &old).unwrap().contains("the model before is DeltaNet"));
        let more = Stage { classes: 3, ..stage("delta-net", &[]) };
        assert!(refused(&more, &old).unwrap().contains("answers with 2 classes"));
        for other in
            [stage("diagonal-ssm", &[(START, ANEW)]), stage("delta-net", &[("reflections", 2.0), (START, ANEW)])]
        {
            assert_eq!(refused(&other, &old), None, "it begins anew");
        }
    }

    #[test]
    fn heads_must_divide_the_width() {
        let sentence = refused(&stage("delta-net", &[("heads", 3.0)]), &stage("delta-net", &[])).unwrap();
        assert!(sentence.starts_with("DeltaNet shares a width of 16 among 3 heads"), "{sentence}");
    }

    #[test]
    fn sequences_grow_from_two_symbols_to_all_in_their_share_of_the_training() {
        let values = stage("diagonal-ssm", &[]).method.values;
        let mut init = Init::new(Seed(1).stream(""), Device::flex());
        let size = Size { vocabulary: 3, classes: 2, width: 8, layers: 1 };
        let net = Net::new(size, &mut init, |init| DiagonalSsm::new(&values, 8, init)).unwrap();
        let shown = |growing, progress| Tracker { net: net.clone(), growing }.shown(20, progress);
        assert_eq!([0.0, 0.1, 0.25, 0.5, 0.9].map(|progress| shown(0.5, progress)), [2, 4, 10, 20, 20]);
        assert_eq!([0.0, 0.5].map(|progress| shown(0.0, progress)), [20, 20]);
        assert_eq!(Tracker { net: net.clone(), growing: 1.0 }.shown(1, 0.0), 1);
    }
}
