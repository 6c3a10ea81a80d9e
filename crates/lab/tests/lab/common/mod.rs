//! What the tests of the lab share: the shipped dataset, a scenario of a few seconds, and the workbench on which one
//! method is taken apart.
// Each test file uses a part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use burn::tensor::{Int, Tensor, TensorData};
use data::{Dataset, ImageShape, ItemShape, Manifest, Seed};
use lab::{
    Again, Batch, Draw, Engine, Init, Inputs, Kept, Labelled, Means, Model, Parent, Runner, Setup, Source,
    StoredFeatures, System, Training,
};
use protocol::{Choice, Event, ItemKind, Need, Needs, Read, Scenario, Stage};

/// The dataset that ships with the page.
pub fn dataset() -> Arc<Dataset> {
    static DATASET: OnceLock<Arc<Dataset>> = OnceLock::new();
    let load = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data");
        let manifest = Manifest::parse(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
        let dataset = manifest.dataset("fashion-mnist").unwrap();
        let read = |path: &str| std::fs::read(root.join(path)).unwrap();
        let files: std::collections::HashMap<_, _> =
            dataset.files.iter().map(|file| (file.path.clone(), read(&file.path))).collect();
        Arc::new(data::load(dataset, |path| files.get(path).map(Vec::as_slice)).unwrap())
    };
    DATASET.get_or_init(load).clone()
}

/// The folder with the small scenario and what it is known to give.
pub fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}

/// The small scenario: five classes under an MLP become ten under a wider one, with BT².
pub fn small() -> Scenario {
    serde_json::from_slice(&std::fs::read(golden("scenario.json")).unwrap()).unwrap()
}

/// The small scenario, less of it, with another method and encoder in its second stage.
pub fn tiny(method: &str, encoder: Choice) -> Scenario {
    let mut scenario = small();
    scenario.data.test_per_class = 10;
    scenario.stages.iter_mut().for_each(|stage| stage.schedule.epochs = 2);
    scenario.stages[1].encoder = encoder;
    scenario.stages[1].method = Choice::of(method);
    scenario
}

/// A model of four classes, two that go on from it with three more each, and what `method` makes of both.
pub fn merged(method: Choice) -> Scenario {
    let mut scenario = tiny("branch", small().stages[0].encoder.clone());
    let base = Stage { classes: 4, ..scenario.stages[0].clone() };
    let branch = |classes, first| {
        let sees = protocol::Values::from([("first".to_owned(), first)]);
        let method = Choice::of("branch").with("fisher_samples", 16.0);
        Stage { classes, from: vec![1], sees, rehearsal: 2, method, ..base.clone() }
    };
    let last = Stage { classes: 10, from: vec![2, 3], method, ..base.clone() };
    scenario.stages = vec![base.clone(), branch(7, 4.0), branch(10, 7.0), last];
    scenario
}

/// Methods that can be used on images, and so on the workbench.
pub fn methods_of_images() -> impl Iterator<Item = &'static lab::methods::Method> {
    lab::methods::methods().filter(|method| (method.card)().suits.items.contains(&ItemKind::Pixels))
}

/// Those of them that go on from one model.
pub fn methods_of_one() -> impl Iterator<Item = &'static lab::methods::Method> {
    methods_of_images().filter(|method| (method.card)().suits.parents[0] < 2)
}

/// A stream of three tasks of two classes, a few seconds of it: the first model by `first`, the later ones by `method`.
pub fn stream(first: Choice, method: Choice) -> Scenario {
    let encoder = Choice::of("mlp").with("hidden", 32.0);
    let mut scenario = tiny(Choice::PLAIN, encoder.clone());
    let task = |number: u32| Stage {
        classes: 2 * number + 2,
        sees: [("first".to_owned(), f64::from(2 * number))].into(),
        method: if number == 0 { first.clone() } else { method.clone() },
        encoder: encoder.clone(),
        dims: 16,
        ..scenario.stages[1].clone()
    };
    scenario.stages = (0..3).map(task).collect();
    scenario
}

/// A model of data that someone tampered with, a few seconds of it, and what each of `methods` makes of it who knows of this share;
/// `kind` 0 is nothing, 1 a trigger, 2 two classes confused.
pub fn poisoned(methods: &[&str], kind: f64, identified: f64) -> Scenario {
    let mut scenario = tiny(Choice::PLAIN, Choice::of("mlp").with("hidden", 32.0));
    scenario.data.values = [("tampered".to_owned(), kind), ("tampered_share".to_owned(), 0.2)].into();
    let first = Stage { sees: Default::default(), ..scenario.stages[1].clone() };
    let known = |method: &&str| Stage {
        method: Choice::of(method),
        from: vec![1],
        sees: [("identified".to_owned(), identified)].into(),
        ..first.clone()
    };
    scenario.stages = std::iter::once(first.clone()).chain(methods.iter().map(known)).collect();
    scenario
}

pub fn engine() -> Engine {
    Engine::cpu("a test")
}

/// A clock that stands still, so that runs can be compared event by event.
pub fn no_time() -> f64 {
    0.0
}

pub fn runner(scenario: Scenario) -> Runner {
    Runner::new(scenario, dataset(), engine(), no_time).unwrap()
}

/// Runs to the end.
pub async fn drive(runner: &mut Runner) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(events) = runner.next().await {
        all.extend(events);
    }
    all
}

pub async fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().try_into_vec::<f32>().unwrap()
}

/// One method on a few small synthetic images: no dataset, no runner, everything at hand.
pub struct Bench {
    pub engine: Engine,
    pub stage: Stage,
    /// Shape of the images.
    pub image: ImageShape,
    pub classes: usize,
    old_classes: usize,
}

/// Dims of the old model.
pub const OLD_DIMS: usize = 8;

/// Images per class that the old model's stored features are of.
const STORED: usize = 8;

/// Symbols of the longest sequences of the bench.
const LENGTH: usize = 6;

/// Images of a batch; large enough for several of each class.
pub const BATCH: usize = 24;

impl Source for Bench {
    fn some(&self, _: Option<Draw>, count: usize) -> Result<Option<Labelled>, lab::LabError> {
        let items = self.images(7);
        let labels: Vec<i32> = (0..BATCH).map(|item| (item % self.classes) as i32).collect();
        let labels = Tensor::from_data(TensorData::new(labels, [BATCH]), self.engine.device());
        Ok((count > 0).then_some(Labelled { items, labels }))
    }
}

impl Bench {
    /// `method` with an MLP of 16 hidden units on images of 1 x 6 x 6, six classes, of which the old model saw four.
    pub fn new(method: Choice, dims: u32) -> Self {
        Self::with_encoder(method, Choice::of("mlp").with("hidden", 16.0), dims)
    }

    pub fn with_encoder(method: Choice, encoder: Choice, dims: u32) -> Self {
        let mut scenario = Scenario {
            stages: vec![Stage::default(), Stage { method, encoder, dims, ..Stage::default() }],
            ..Scenario::default()
        };
        let card = (lab::methods::method(&scenario.stages[1].method.id).unwrap().card)();
        if !card.suits.items.contains(&ItemKind::Pixels) {
            // A world that it suits; the bench has items of its own all the same.
            let catalogue = lab::catalogue();
            let world = catalogue.datasets.iter().find(|world| card.suits.items.contains(&world.items)).unwrap();
            scenario.move_to(world, None);
            let of_world = catalogue.methods.iter().find(|card| card.suits.items.contains(&world.items)).unwrap();
            scenario.stages[0].method = Choice::of(&of_world.id);
        }
        let image = ImageShape { channels: 1, height: 6, width: 6 };
        let mut catalogue = lab::catalogue();
        catalogue.datasets.iter_mut().for_each(|dataset| dataset.size = image.height_and_width());
        assert_eq!(scenario.settle(&catalogue), Vec::<String>::new());
        Self { engine: engine(), stage: scenario.stages.remove(1), image, classes: 6, old_classes: 4 }
    }

    fn init(&self, name: &str) -> Init {
        Init::new(Seed(5).stream(name), self.engine.training())
    }

    /// A start from nothing.
    fn bare<'a>(&'a self, stage: &'a Stage, name: &str) -> Setup<'a> {
        let (engine, init) = (&self.engine, self.init(name));
        let (input, classes) = (ItemShape::Pixels(self.image), self.classes);
        let (parents, all_classes) = (Vec::new(), classes);
        let (teacher, paired, source) = (None, None, None);
        Setup { stage, input, classes, all_classes, engine, init, seed: Seed(5), parents, teacher, paired, source }
    }

    /// An untrained independent model; its embedding is as good as any for exact statements.
    fn frozen(&self, name: &str, dims: u32, classes: usize) -> Arc<dyn Model> {
        let method = Choice::plain();
        let stage = Stage { method, encoder: Choice::of("mlp").with("hidden", 16.0), dims, ..self.stage.clone() };
        let setup = Setup { classes, ..self.bare(&stage, name) };
        (lab::methods::method(Choice::PLAIN).unwrap().start)(setup).unwrap().model().unwrap()
    }

    /// What an old system left: of a method that can stand first, what one left that it made itself, from other weights than the old
    /// model's, so that they are some way off.
    fn kept(&self) -> Kept {
        let method = lab::methods::method(&self.stage.method.id).unwrap();
        if !(method.card)().stands_first() {
            return Kept::new();
        }
        let stage = Stage { dims: OLD_DIMS as u32, ..self.stage.clone() };
        let setup = Setup { classes: self.old_classes, ..self.bare(&stage, "left") };
        let mut training = (method.start)(setup).unwrap();
        let again = again(&*training, self.images(9));
        let left = training.finish(Some(again)).unwrap();
        left.into_iter().map(|(name, numbers)| (name.to_owned(), pollster::block_on(values(numbers)))).collect()
    }

    /// An untrained network with batch normalisation in place of the old model, for methods that adapt one: the model, its numbers and
    /// what it left.
    fn source(&self) -> (Arc<dyn Model>, Vec<f32>, Kept) {
        let method = Choice::of("bn-source").with("channels", 4.0);
        let stage = Stage { method, dims: OLD_DIMS as u32, ..self.stage.clone() };
        let setup = Setup { classes: self.old_classes, ..self.bare(&stage, "source") };
        let mut training = (lab::methods::method("bn-source").unwrap().start)(setup).unwrap();
        let kept = training.finish(None).unwrap();
        let kept = kept.into_iter().map(|(name, numbers)| (name.to_owned(), pollster::block_on(values(numbers))));
        let weights = pollster::block_on(values(training.weights().unwrap()));
        (training.model().unwrap(), weights, kept.collect())
    }

    /// The old model.
    pub fn old(&self) -> Arc<dyn Model> {
        self.frozen("old", OLD_DIMS as u32, self.old_classes)
    }

    /// What the method says it needs.
    fn needs(&self) -> Needs {
        (lab::methods::method(&self.stage.method.id).unwrap().card)().needs
    }

    /// What the method starts from, as far as it needs it: the old model, features around class means that stand for those it stored,
    /// and a teacher.
    pub fn setup(&self) -> Setup<'_> {
        let card = (lab::methods::method(&self.stage.method.id).unwrap().card)();
        if card.reads.contains(&Read::Samples) {
            let (flow, weights) = self.flow();
            return self.setup_with(flow, &weights);
        }
        self.setup_after(self.old())
    }

    /// A flow that no more than begins, with its numbers.
    fn flow(&self) -> (Arc<dyn Model>, Vec<f32>) {
        let stage = Stage { method: Choice::of("flow-matching"), ..self.stage.clone() };
        let start = lab::methods::method("flow-matching").unwrap().start;
        let training = start(self.bare(&stage, "old")).unwrap();
        (training.model().unwrap(), pollster::block_on(values(training.weights().unwrap())))
    }

    /// The same with another old model.
    pub fn setup_after(&self, old: Arc<dyn Model>) -> Setup<'_> {
        self.setup_with(old, &[])
    }

    fn setup_with(&self, old: Arc<dyn Model>, weights: &[f32]) -> Setup<'_> {
        let needs = self.needs();
        let mut init = self.init("stored");
        let means = init.normal(self.classes, OLD_DIMS);
        let labels: Vec<u32> = (0..STORED * self.classes).map(|item| (item % self.classes) as u32).collect();
        let noise = init.normal(labels.len(), OLD_DIMS);
        let rows =
            noise.iter().enumerate().map(|(at, noise)| means[at % means.len()] + 0.5 * noise).collect::<Vec<_>>();
        let stored = StoredFeatures::new(&rows, OLD_DIMS, labels).unwrap();
        let labels = stored.labels().to_vec();
        let mut means = Means::new(OLD_DIMS, self.old_classes);
        means.take_all(&stored);
        let streams = (lab::methods::method(&self.stage.method.id).unwrap().card)().reads.contains(&Read::Stream);
        let (old, weights, kept) = if streams { self.source() } else { (old, weights.to_vec(), self.kept()) };
        let parent = Parent::new(&needs, &old, self.old_classes)
            .with_features(stored, self.classes, self.engine.device())
            .with_means(means)
            .with_numbers(&weights, &kept);
        let teacher = needs.has(Need::Teacher).then(|| self.teacher());
        let dims = self.stage.dims as usize;
        let paired = StoredFeatures::new(&self.init("paired").normal(labels.len(), dims), dims, labels).unwrap();
        let paired = Some(paired).filter(|_| needs.has(Need::Pairs));
        let source = needs.has(Need::Forget).then_some(self as &dyn Source);
        Setup { parents: vec![parent], teacher, paired, source, ..self.bare(&self.stage, "new") }
    }

    /// The independent model.
    fn teacher(&self) -> Arc<dyn Model> {
        self.frozen("teacher", self.stage.dims, self.classes)
    }

    /// Embeddings by the new model of as many images as the old model's features are of, row-major; of one that embeds nothing what it
    /// makes of them, as if they were noise.
    pub fn own_features(&self, model: &dyn Model) -> Vec<f32> {
        let batches = [0, 1].map(|number| self.images(number));
        assert_eq!(batches.iter().map(Inputs::len).sum::<usize>(), STORED * self.classes);
        let rows = |images: &Inputs| match model.sample(images, 4).unwrap() {
            Some(made) => made.flat().unwrap(),
            None => model.embed(images).unwrap(),
        };
        batches.iter().flat_map(|images| pollster::block_on(values(rows(images)))).collect()
    }

    /// What a method of sequences starts from: two symbols and what fills up, two states, nothing before.
    pub fn setup_of_sequences(&self) -> Setup<'_> {
        let input = ItemShape::Tokens { length: LENGTH, vocabulary: 3 };
        Setup { input, classes: 2, all_classes: 2, ..self.bare(&self.stage, "sequences") }
    }

    /// A batch of sequences as the runner makes it: the first half of each item's symbols or all, beside them their parity.
    pub fn batch_of_sequences(&self) -> Batch {
        let whole = data::worlds::Tracking::Parity;
        let drawn = whole.sequences(BATCH, LENGTH as u16 / 2, LENGTH as u16, &Seed(5).stream("sequences")).unwrap();
        let tokens = |values: &[u16]| {
            let values: Vec<i32> = values.iter().map(|&value| i32::from(value)).collect();
            let tokens = Tensor::from_data(TensorData::new(values, [BATCH, LENGTH]), self.engine.device());
            Inputs::Tokens(tokens).autodiff()
        };
        Batch {
            items: tokens(&drawn.tokens),
            beside: Some(tokens(&drawn.targets)),
            labels: None,
            old: None,
            teacher: None,
            parts: BTreeMap::new(),
            domain: 0,
            progress: 0.9,
            values: self.stage.method.values.clone(),
            rng: Seed(5).stream("method"),
        }
    }

    /// The system of the method.
    pub fn system<S: System>(&self) -> S {
        S::new(&mut self.setup()).unwrap()
    }

    pub fn training(&self) -> Box<dyn Training> {
        (lab::methods::method(&self.stage.method.id).unwrap().start)(self.setup()).unwrap()
    }

    /// Images without gradients, `[BATCH, 1, 6, 6]`.
    pub fn images(&self, number: u32) -> Inputs {
        let ImageShape { channels, height, width } = self.image;
        let values = self.init(&format!("images {number}")).normal(BATCH, self.image.size());
        let images = TensorData::new(values, [BATCH, channels, height, width]);
        Inputs::Pixels(Tensor::from_data(images, self.engine.device()))
    }

    /// What the method draws beside a batch.
    fn parts(&self, number: u32) -> BTreeMap<Draw, Labelled> {
        let needs = self.needs();
        let draws = [(Draw::Memory, Need::Memory), (Draw::Forget, Need::Forget)];
        let part = |draw: Draw| {
            let labels: Vec<i32> = (0..BATCH).map(|item| (item % self.classes) as i32).collect();
            let labels: Tensor<1, Int> = Tensor::from_data(TensorData::new(labels, [BATCH]), self.engine.device());
            (draw, Labelled { items: self.images(number + 1000).autodiff(), labels: labels.autodiff() })
        };
        draws.into_iter().filter(|(_, need)| needs.has(*need)).map(|(draw, _)| part(draw)).collect()
    }

    /// A batch as the runner makes it, with what the method needs.
    pub fn batch(&self, number: u32) -> Batch {
        let items = self.images(number);
        let labels: Vec<i32> = (0..BATCH).map(|item| (item % self.classes) as i32).collect();
        let labels: Tensor<1, Int> = Tensor::from_data(TensorData::new(labels, [BATCH]), self.engine.device());
        let needs = self.needs();
        let embed = |model: &Arc<dyn Model>| model.embed(&items).unwrap().autodiff();
        Batch {
            old: needs.has(Need::OldFeatures).then(|| embed(&self.old())),
            teacher: needs.has(Need::Teacher).then(|| embed(&self.teacher())),
            items: items.clone().autodiff(),
            beside: None,
            labels: Some(labels.autodiff()),
            parts: self.parts(number),
            progress: 0.5,
            domain: 0,
            values: self.stage.method.values.clone(),
            rng: Seed(5).stream("method").substream(u64::from(number)),
        }
    }
}

/// What a training that is done is measured with once more.
pub fn again(training: &dyn Training, items: Inputs) -> Again {
    let weights = training.weights().map(|weights| pollster::block_on(values(weights)));
    Again { items, weights: weights.unwrap_or_default() }
}
