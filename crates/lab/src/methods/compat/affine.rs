//! Least squares between the two spaces, of full or of reduced rank.
//!
//! `g(v) = (v - mx) W + my` with `W = (X'X + r I)^-1 X'Y` of the centred rows, or its projection on the directions along
//! which it predicts most. It may stretch and drop directions, which suits the pairs and what is like them.

use measure::alignment::{Fit as Family, fit};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::{MAPPED_QUERY, procrustes};
use crate::claims::arms::PROCRUSTES;
use crate::claims::{Arm, Change, Fact, LAB, Measure, Rule, judged};
use crate::frames::fitted;
use crate::methods::{Method, OLD_ONLY, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "affine",
    card,
    claims: judged(CLAIMS),
    check: fitted::check,
    stored_dims: encoder_dims,
    start: |setup| {
        fitted::start(&setup, |setup, pairs| {
            let (rank, ridge) = (setup.value("rank")? as usize, setup.value("ridge")?);
            let (source, target) = (pairs.source()?, pairs.target()?);
            // More than there is to choose from is no limit.
            let most = source.rows.dim().min(target.rows.dim());
            let family = match rank {
                0 => Family::Affine { ridge },
                rank if rank >= most => Family::Affine { ridge },
                rank => Family::LowRankAffine { rank, ridge },
            };
            Ok(fit(family, &source, &target)?.into())
        })
    },
};

fn card() -> MethodCard {
    let mut parameters = fitted::pairs();
    parameters.push(Parameter::real(
        "ridge",
        "Ridge",
        (0.0, 100.0, 0.5),
        1.0,
        "Penalty on the squared entries of the map, in units of a squared sum over the pairs.",
    ));
    parameters.push(fitted::direction());
    parameters.push(Parameter::integer(
        "rank",
        "Rank",
        (0, 128),
        0,
        "Directions of the new space that the map keeps; 0 keeps all.",
    ));
    MethodCard::new(METHOD.id, "Affine")
        .summary("An adapter by least squares: new queries become what predicts their old embedding best.")
        .paper("Vejendla: Drift-Adapter: A Practical Approach to Near Zero-Downtime Embedding Model Upgrades in Vector Databases, EMNLP 2025")
        .role(Role::Adapter)
        .needs([Need::Teacher, Need::Pairs])
        .comparison(MAPPED_QUERY)
        .parameters(parameters)
        .claims([
            fitted::no_tax(),
            Claim::new("adapts", "On classes that were among the pairs it does at least as well as Procrustes."),
        ])
}

const AFFINE: &Arm = &Arm::extended("affine", Change::Last("affine", &[]));

/// Fitted on old classes alone.
pub(super) const OLD_CLASSES: &Arm = &Arm::extended("affine, old classes", Change::Last("affine", &[(OLD_ONLY, 1.0)]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "20-affine",
        procrustes::BY,
        "An affine map adapts: a mapped query finds at least as many of what the old query found as under Procrustes",
        Measure::between(PROCRUSTES, AFFINE, Fact::OldNeighbours),
    )
    .published(
        "Recall@10 as a share of that after re-embedding, four text sets, 20,000 pairs: 0.942 to 0.974 \
         under a rotation, 0.983 under a low-rank affine map on the first, where the rotation has 0.974",
    )
    .differs(
        "There recall is held against re-embedding everything, here the ten nearest of a query against \
         those of the old query.",
    ),
    Rule::new(
        "20-affine-classes",
        LAB,
        "Of its own class, too, it finds at least as much",
        Measure::cross_tests(PROCRUSTES, AFFINE),
    )
    .differs(
        "An old query does not tell classes apart that the old model never saw, and what comes nearest \
         to it does not either.",
    ),
];
