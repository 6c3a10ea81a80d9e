//! An adapter without pairs: the two spaces are matched by the shape of their clouds alone.
//!
//! Both clouds are clustered, clusters matched by how they lie to each other, and the map refined by nearest neighbours
//! (mini-vec2vec, Dar 2025; after vec2vec, Jha et al. 2025, without its adversarial training).
//!
//! The authors' code has 20 clusters, clusters 10,000 rows, takes 100 steps of refinement among all rows, and refines once more by another
//! clustering of both sides. Here there are as many clusters as classes, each run and each step draws 1000 rows, 50 steps are taken
//! (`steps` = 100 is theirs), and the second refinement is left out.
//!
//! No method without pairs can match clouds of different shape, such as that of a model that knows half of the classes: rule `31-chance`
//! judges it where the data of the same classes grow, `31-class` where the classes do.

use measure::Features;
use measure::alignment::{Embedding, MiniVec2Vec};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::MAPPED_QUERY;
use crate::claims::arms::MORE;
use crate::claims::{Arm, Change, LAB, Measure, NEW_OLD, Rule, judged};
use crate::frames::fitted::{self, Fit};
use crate::methods::{Method, anything_goes, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "mini-vec2vec",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: |setup| {
        fitted::start(&setup, |setup, pairs| {
            let (new, old) = (pairs.by_new()?, pairs.by_old()?);
            // Halves of different images, so that no pair is left.
            let half = new.rows.rows() / 2;
            let first = new.rows.values().get(..half * new.rows.dim()).unwrap_or_default();
            let second = old.rows.values().get(half * old.rows.dim()..).unwrap_or_default();
            let new = Embedding { rows: Features::new(first, new.rows.dim())?, ..new };
            let old = Embedding { rows: Features::new(second, old.rows.dim())?, ..old };
            let fit = MiniVec2Vec {
                clusters: setup.classes.min(half).max(2),
                runs: setup.value("runs")? as usize,
                neighbours: (setup.value("neighbours")? as usize).min(half),
                steps: setup.value("steps")? as usize,
                seed: setup.seed.0,
                ..MiniVec2Vec::default()
            };
            Ok(Fit { adapter: fit.fit(&new, &old)?, fusion: None, notices: Vec::new() })
        })
    },
};

fn card() -> MethodCard {
    let mut parameters = fitted::pairs();
    parameters.push(Parameter::integer(
        "runs",
        "Runs",
        (1, 100),
        30,
        "How often both clouds are clustered and matched, with other draws.",
    ));
    parameters.push(Parameter::integer(
        "neighbours",
        "Neighbours",
        (1, 100),
        50,
        "Old rows whose mean is taken for the partner of a new row.",
    ));
    parameters.push(Parameter::integer(
        "steps",
        "Refinements",
        (0, 200),
        50,
        "Steps that improve the map by nearest neighbours.",
    ));
    MethodCard::new(METHOD.id, "mini-vec2vec")
        .summary(
            "An adapter that never sees an image embedded by both models: it matches the two clouds by their shape.",
        )
        .paper("Dar: mini-vec2vec: Scaling Universal Geometry Alignment with Linear Transformations, 2025")
        .role(Role::Adapter)
        .needs([Need::Teacher, Need::Pairs])
        .comparison(MAPPED_QUERY)
        .parameters(parameters)
        .claims([
            fitted::no_tax(),
            Claim::new(
                "without pairs",
                "New queries find far more than by chance, and less than with pairs under Procrustes.",
            ),
        ])
}

const BY: &str = "Dar 2025 (mini-vec2vec)";
const ARM: &Arm = &Arm::new("more data, mini-vec2vec", MORE, Change::Last("mini-vec2vec", &[]));
const PAIRED: &Arm = &Arm::new("more data, procrustes", MORE, Change::Last("procrustes", &[]));
const MORE_CLASSES: &Arm = &Arm::extended("mini-vec2vec", Change::Last("mini-vec2vec", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "31-chance",
        BY,
        "Without pairs new queries find at least four times what chance finds, where both models know the same classes",
        Measure::OverChance((ARM, NEW_OLD)),
    )
    .at_least(4.0)
    .said("M(g(n),o) over the chance level")
    .published("Spaces of text models are matched without pairs; no number is at hand")
    .differs(
        "Four times chance is this lab's bound; both models must know the same classes, as only then \
         their clouds have one shape, and there are fewer clusters, rows and steps than in the authors' \
         code.",
    ),
    Rule::new("31-pairs", LAB, "With pairs, Procrustes finds more", Measure::cross_tests(ARM, PAIRED))
    .differs(
        "The comparison is this lab's: pairs say more than the shape of two clouds, and the clouds are \
         halves of the images that pairs have all of.",
    ),
    Rule::new(
        "31-class",
        LAB,
        "Where the old model knows half of the classes only, its cloud is another one: new queries find less than twice what chance finds",
        Measure::BelowTwiceChance((MORE_CLASSES, NEW_OLD)),
    )
    .differs("No map that is fitted without pairs can match clouds of different shape."),
];
