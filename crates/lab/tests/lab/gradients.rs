//! Automatic derivatives against central differences.
//!
//! A difference quotient of single-precision losses of size L has a rounding error of about `1e-7 L / eps` and a truncation error
//! of order `eps^2`; with eps between 1e-3 and 1e-2 both stay below one per cent of the slopes measured here, which
//! are taken along the gradient, where they are largest. Hence the tolerance of two per cent: a wrong factor, sign or
//! missing path shows as tens of per cent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, values};
use burn::module::{ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use data::Seed;
use lab::frames::{Adapted, Extended};
use lab::methods::adapt::{Served, Source};
use lab::methods::compat::{
    AdvBct, Bct, Bt2, DarkRank, FastFill, Fct, FineTune, Hoc, Independent, L2, LambdaOrthogonal, Lce, MixBct,
    MlpAdapter, Nccl, Oca, Ract, Simplex, UniBct,
};
use lab::methods::continual::{Ewc, Sequential};
use lab::methods::generate::{FlowMatching, Rectified};
use lab::methods::merge::Branch;
use lab::methods::methods;
use lab::methods::sequence::{DeltaNet, DiagonalSsm, Tracker};
use lab::methods::unlearn::GradientAscent;
use lab::{Batch, Init, Inputs, Orthogonal, System, cosine_distance, cosine_logits, cross_entropy, normalize};
use pollster::block_on;
use protocol::Choice;

const TOLERANCE: f64 = 0.02;

fn scalar(tensor: Tensor<1>) -> f64 {
    f64::from(block_on(values(tensor))[0])
}

/// Numbers from a fixed seed, on the device with gradients.
fn random<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let values = Init::new(Seed(9).stream(name), Device::flex()).normal(1, shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), &Device::flex().autodiff())
}

/// Compares the slope of `function` at `point` along its gradient and along a random direction with differences.
fn check<const D: usize>(what: &str, point: Tensor<D>, eps: f64, function: impl Fn(Tensor<D>) -> Tensor<1>) {
    let point = point.require_grad();
    let gradients = function(point.clone()).backward();
    let gradient = point.grad(&gradients).unwrap();
    let length = |tensor: &Tensor<D>| scalar(tensor.clone().powi_scalar(2).sum()).sqrt();
    let steepest = gradient.clone() / length(&gradient);
    let detour = random("direction", point.dims()).inner();
    // Half along the gradient, so that the slope stays well above rounding.
    let detour = steepest.clone() + detour.clone() / length(&detour);
    for direction in [steepest, detour] {
        let slope = scalar((gradient.clone() * direction.clone()).sum());
        let at = |t: f64| scalar(function((point.clone().inner() + direction.clone() * t).autodiff()));
        let difference = (at(eps) - at(-eps)) / (2.0 * eps);
        assert!((slope - difference).abs() < TOLERANCE * slope.abs(), "{what}: slope {slope}, difference {difference}");
    }
}

fn labels(items: i32, classes: i32) -> Tensor<1, Int> {
    let labels: Vec<i32> = (0..items).map(|item| item % classes).collect();
    Tensor::from_data(TensorData::new(labels, [items as usize]), &Device::flex().autodiff())
}

#[test]
fn cross_entropy_of_cosine_logits() {
    let (features, classes) = (random("features", [6, 5]), random("classes", [3, 5]));
    let loss = |features: Tensor<2>, classes: Tensor<2>| {
        cross_entropy(cosine_logits(normalize(features), classes, 10.0), labels(6, 3))
    };
    check("features", features.clone(), 1e-2, |features| loss(features, classes.clone()));
    check("classes", classes.clone(), 1e-2, |classes| loss(features.clone(), classes));
}

#[test]
fn cosine_distance_of_normalised_rows() {
    let target = normalize(random("target", [6, 5]));
    check("rows", random("rows", [6, 5]), 1e-2, |rows| cosine_distance(normalize(rows), target.clone()));
}

#[test]
fn a_row_of_zeros_has_no_slope() {
    let rows = Tensor::<2>::zeros([2, 3], &Device::flex().autodiff()).require_grad();
    let gradients = normalize(rows.clone()).sum().backward();
    let gradient = block_on(values(rows.grad(&gradients).unwrap()));
    assert!(gradient.iter().all(|value| value.is_finite()), "{gradient:?}");
}

#[test]
fn the_exponential_of_a_skew_matrix() {
    let device = Device::flex().autodiff();
    let target = random("rotation target", [5, 5]);
    let base = Orthogonal::random(5, &mut Init::new(Seed(2).stream("base"), device));
    // Small angles and ones of several turns: squaring back up must not lose the slope.
    for size in [0.0, 0.3, 2.0] {
        check(&format!("angles of {size}"), random("skew", [5, 5]) * size, 1e-2, |skew| {
            let mut rotation = base.clone();
            rotation.skew = rotation.skew.map(|_| skew.clone());
            (rotation.matrix() * target.clone()).sum()
        });
    }
}

/// Adds a multiple of its gradient to one parameter.
struct Shift<'a> {
    id: ParamId,
    gradients: &'a Gradients,
    factor: f64,
}

impl ModuleMapper for Shift<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.id != self.id {
            return param;
        }
        let gradient = param.val().grad(self.gradients).unwrap();
        param.map(|value| (value.inner() + gradient * self.factor).autodiff().require_grad())
    }
}

/// Parameters with the lengths of their gradients.
struct Slopes<'a> {
    gradients: &'a Gradients,
    found: Vec<(ParamId, f64)>,
}

impl ModuleVisitor for Slopes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.found.push((param.id, scalar(gradient.powi_scalar(2).sum()).sqrt()));
        }
    }
}

fn total(system: &impl System, batch: &Batch) -> Tensor<1> {
    let terms = system.losses(batch).unwrap().into_iter().filter(|term| term.weight != 0.0);
    terms.map(|term| term.value * term.weight).reduce(|sum, term| sum + term).unwrap()
}

/// Compares the slope along every parameter's own gradient; `expected` is how many parameters must have one.
fn check_system<S: System>(what: &str, system: &S, batch: &Batch, expected: usize) {
    let gradients = total(system, batch).backward();
    let mut slopes = Slopes { gradients: &gradients, found: Vec::new() };
    system.visit(&mut slopes);
    assert_eq!(slopes.found.len(), expected, "{what}: parameters that learn");
    for (number, (id, slope)) in slopes.found.into_iter().enumerate() {
        assert!(slope > 1e-3, "{what}: parameter {number} has a slope of {slope}, too flat to be measured");
        // So small that few rectifiers switch on the way.
        let eps = 2e-3;
        let at = |t: f64| {
            let factor = t / slope;
            scalar(total(&system.clone().map(&mut Shift { id, gradients: &gradients, factor }), batch))
        };
        let difference = (at(eps) - at(-eps)) / (2.0 * eps);
        let off = (slope - difference).abs() / slope;
        assert!(off < TOLERANCE, "{what}: parameter {number}: slope {slope}, difference {difference}");
    }
}

/// Checks the system `S` of a method with `dims` dims on the bench.
fn check_method<S: System>(method: Choice, dims: u32, expected: usize) {
    let bench = Bench::new(method, dims);
    check_system(&format!("{:?}", bench.stage.method), &bench.system::<S>(), &bench.batch(0), expected);
}

/// Checks the system `S` of a method of sequences, which has no dims, on the bench.
fn check_sequences<S: System>(method: Choice, _: u32, expected: usize) {
    let bench = Bench::new(method, 8);
    let system = S::new(&mut bench.setup_of_sequences()).unwrap();
    check_system(&format!("{:?}", bench.stage.method), &system, &bench.batch_of_sequences(), expected);
}

/// The same of reflow, whose items are noise with what was made of it behind.
fn check_reflow(method: Choice, dims: u32, expected: usize) {
    let bench = Bench::new(method, dims);
    let rows = [0, 1].map(|number| bench.images(number).flat().unwrap());
    let batch = Batch { items: Inputs::Rows(Tensor::cat(rows.into(), 1)).autodiff(), ..bench.batch(0) };
    check_system(&format!("{:?}", bench.stage.method), &bench.system::<Rectified>(), &batch, expected);
}

/// One configuration of a method: dims, what checks it, and how many parameters must learn.
type Check = (Choice, u32, fn(Choice, u32, usize), usize);

/// At least one configuration of every method. An encoder of two layers with bias and a head make five parameters.
fn checks() -> Vec<Check> {
    let of = Choice::of;
    vec![
        (Choice::plain(), 12, check_method::<Independent>, 5),
        (of("bct"), 12, check_method::<Extended<Bct>>, 5),
        (of("bct").with("influence_on", 1.0), 12, check_method::<Extended<Bct>>, 5),
        (of("bct").with("classifier", 1.0).with("smoothing", 0.1), 12, check_method::<Extended<Bct>>, 5),
        (of("bct").with("classifier", 2.0).with("old_rows", 1.0), 12, check_method::<Extended<Bct>>, 5),
        // Two rotations, and the old branch with bias.
        (of("bt2").with("r", 3.0), 12, check_method::<Bt2>, 9),
        (of("bt2").with("r", 3.0).with("head", 1.0), 12, check_method::<Bt2>, 9),
        (of("bt2").with("r", 0.0).with("head", 1.0), 12, check_method::<Bt2>, 7),
        (of("bt2").with("r", 3.0).with("rotations", 1.0), 12, check_method::<Bt2>, 7),
        // The rotation and its bias.
        (of("oca").with("r", 3.0), 8, check_method::<Extended<Oca>>, 7),
        (of("oca").with("r", 3.0).with("head", 1.0), 8, check_method::<Extended<Oca>>, 7),
        (of("oca").with("r", 3.0).with("transform", 1.0), 8, check_method::<Extended<Oca>>, 6),
        (of("oca").with("r", 3.0).with("transform", 2.0), 8, check_method::<Extended<Oca>>, 5),
        // A fixed head does not learn.
        (of("simplex"), 8, check_method::<Extended<Simplex>>, 4),
        (of("simplex").with("head", 2.0), 8, check_method::<Extended<Simplex>>, 5),
        (of("hoc").with("lambda", 0.5), 8, check_method::<Extended<Hoc>>, 4),
        (of("hoc").with("lambda", 0.5).with("mask", 1.0), 8, check_method::<Extended<Hoc>>, 4),
        (of("hoc").with("lambda", 0.5).with("mask", 2.0), 8, check_method::<Extended<Hoc>>, 4),
        (of("mixbct").with("margin", 0.0), 8, check_method::<Extended<MixBct>>, 5),
        (of("mixbct").with("margin", 0.3), 8, check_method::<Extended<MixBct>>, 5),
        (of("ract"), 12, check_method::<Extended<Ract>>, 5),
        (of("ract").with("classifier", 2.0), 12, check_method::<Extended<Ract>>, 5),
        (of("unibct"), 12, check_method::<Extended<UniBct>>, 5),
        // The adversary is left out: its gradient is reversed on the way to the encoder, so it is no derivative by design.
        (of("advbct").with("adversary", 0.0), 12, check_method::<Extended<AdvBct>>, 6),
        (of("advbct").with("adversary", 0.0).with("boundary_on", 1.0), 12, check_method::<Extended<AdvBct>>, 6),
        (of("lce"), 12, check_method::<Extended<Lce>>, 5),
        (of("nccl").with("beta", 1.0), 12, check_method::<Extended<Nccl>>, 5),
        (of("l2"), 12, check_method::<Extended<L2>>, 5),
        (of("l2").with("margin", 0.2), 12, check_method::<Extended<L2>>, 5),
        // Without the task the head learns nothing.
        (of("l2").with("task", 0.0), 12, check_method::<Extended<L2>>, 4),
        (of("naive-extra-dims").with("r", 4.0), 8, check_method::<Extended<Bct>>, 5),
        (of("darkrank"), 12, check_method::<Extended<DarkRank>>, 5),
        (of("fine-tune"), 8, check_method::<Extended<FineTune>>, 5),
        (of("branch"), 8, check_method::<Extended<Branch>>, 5),
        (of("sequential"), 8, check_method::<Extended<Sequential>>, 5),
        (of("ewc").with("lambda", 10.0), 8, check_method::<Extended<Ewc>>, 5),
        // Two layers with bias.
        (of("flow-matching"), 12, check_method::<FlowMatching>, 4),
        (of("reflow"), 12, check_reflow, 4),
        (of("reflow").with("sharpness", 0.0).with("loss", 1.0), 12, check_reflow, 4),
        (of("retrain"), 12, check_method::<Independent>, 5),
        (of("cf"), 8, check_method::<Extended<Sequential>>, 5),
        (of("gradient-ascent").with("ascent", 0.3), 8, check_method::<Extended<GradientAscent>>, 5),
        (of("gradient-ascent").with("remain", 0.0).with("ascent", 1.0), 8, check_method::<Extended<GradientAscent>>, 5),
        // Both models are frozen: the map alone learns.
        (of("mlp-adapter"), 12, check_method::<Adapted<MlpAdapter>>, 6),
        (of("lambda-orthogonal").with("lambda", 0.0), 12, check_method::<Adapted<LambdaOrthogonal>>, 3),
        (of("lambda-orthogonal").with("lambda", 0.1), 12, check_method::<Adapted<LambdaOrthogonal>>, 3),
        (of("fct"), 12, check_method::<Adapted<Fct>>, 6),
        (of("fct").with("side", 0.0), 12, check_method::<Adapted<Fct>>, 6),
        // Three convolutions without bias, scale and shift of each, the output with bias and the head.
        (of("bn-source").with("channels", 4.0), 12, check_method::<Source>, 12),
        // Scales and shifts alone.
        (of("tent"), 8, check_method::<Served>, 6),
        (of("fastfill"), 12, check_method::<Adapted<FastFill>>, 8),
        // The symbols; per layer two norms and an MLP of two layers, each with two; a norm and the answer, each with two. Between them
        // the recurrence: six linear layers and four.
        (of("delta-net").with("range", 1.0), 0, check_sequences::<Tracker<DeltaNet>>, 1 + 8 + 12 + 4),
        (
            of("delta-net").with("range", 1.0).with("reflections", 2.0).with("heads", 2.0).with("layers", 2.0),
            0,
            check_sequences::<Tracker<DeltaNet>>,
            1 + 2 * (8 + 12) + 4,
        ),
        (of("diagonal-ssm"), 0, check_sequences::<Tracker<DiagonalSsm>>, 1 + 8 + 8 + 4),
        (of("diagonal-ssm").with("range", 1.0), 0, check_sequences::<Tracker<DiagonalSsm>>, 1 + 8 + 8 + 4),
    ]
}

#[test]
fn the_total_loss_of_every_method() {
    let checks = checks();
    for card in methods().map(|method| (method.card)()).filter(|card| card.is_trained()) {
        let id = card.id;
        assert!(checks.iter().any(|(choice, ..)| choice.id == id), "{id} has no line here");
    }
    for (choice, dims, check, expected) in checks {
        check(choice, dims, expected);
    }
}

#[test]
fn the_total_loss_of_bct_through_a_vision_transformer() {
    let vit = Choice::of("vit").with("width", 16.0).with("patch", 3.0).with("layers", 2.0);
    let bench = Bench::with_encoder(Choice::of("bct"), vit, 12);
    let system = bench.system::<Extended<Bct>>();
    // Embedding with bias, positions; per layer two norms and four linear layers, each with two; a norm, the output, a head.
    check_system("ViT", &system, &bench.batch(0), 2 + 1 + 2 * 12 + 2 + 2 + 1);
}
