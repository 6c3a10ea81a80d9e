//! Orthogonal Procrustes: the rotation that brings the new rows of the same images nearest to their old ones.
//!
//! `g(v) = (v - mx) Q + my` with `Q = U V'` of `(X - mx)'(Y - my) = U S V'` (Schönemann 1966); scaled, `Q` times the number
//! that then fits best. A rotation keeps every distance of the new space, so it cannot adapt to the pairs alone.

use measure::alignment::{Fit as Family, fit};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::{MAPPED_QUERY, affine};
use crate::claims::arms::PROCRUSTES;
use crate::claims::{Arm, Change, Fact, LAB, Measure, NEW_OLD, Rule, judged};
use crate::frames::fitted;
use crate::methods::{Method, OLD_ONLY, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "procrustes",
    card,
    claims: judged(CLAIMS),
    check: fitted::check,
    stored_dims: encoder_dims,
    start: |setup| {
        fitted::start(&setup, |setup, pairs| {
            let family = if setup.value("scaled")? == 1.0 { Family::ScaledProcrustes } else { Family::Procrustes };
            Ok(fit(family, &pairs.source()?, &pairs.target()?)?.into())
        })
    },
};

fn card() -> MethodCard {
    let mut parameters = fitted::pairs();
    parameters.push(Parameter::flag(
        "scaled",
        "Scaled",
        false,
        "Also fits one scale; it changes scores, not ranks, where the means are near zero.",
    ));
    parameters.push(fitted::direction());
    MethodCard::new(METHOD.id, "Procrustes")
        .summary("An adapter that turns new queries into the old space; neither model is trained again.")
        .paper("Schönemann: A Generalized Solution of the Orthogonal Procrustes Problem, Psychometrika 1966")
        .role(Role::Fallback)
        .needs([Need::Teacher, Need::Pairs])
        .comparison(MAPPED_QUERY)
        .parameters(parameters)
        .claims([
            fitted::no_tax(),
            Claim::new("preserves", "On classes that were not among the pairs it does better than an affine map."),
        ])
}

/// The papers, where claims say who makes them.
pub(super) const BY: &str = "Vejendla 2025 (Drift-Adapter); Ricci et al. 2026";

const OLD_CLASSES: &Arm = &Arm::extended("procrustes, old classes", Change::Last("procrustes", &[(OLD_ONLY, 1.0)]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "20-compatible",
        LAB,
        "Procrustes alone makes independent models compatible",
        Measure::compatible(PROCRUSTES),
    )
    .said("M(g(n),o) - M(o,o), points")
    .by_top1()
    .published(
        "Vision-language models: compatible in 45 of 90 evaluations; mean R@1, image to text, 51.72, \
         that of the old model 53.36",
    )
    .differs(
        "Published is half of the cases and a mean below the old model's; here the map is fitted on \
         images that both models were trained on and judged on more of the same kind.",
    ),
    Rule::new(
        "20-held-out",
        BY,
        "Procrustes preserves: fitted on old classes it is better than an affine map for queries of the others",
        Measure::between(affine::OLD_CLASSES, OLD_CLASSES, Fact::Unseen(NEW_OLD)),
    )
    .said("difference over queries of unseen classes, points")
    .by_top1()
    .published(
        "Vision-language models, pairs from other data than the tests: Procrustes compatible in 45 of \
         90 evaluations, an affine map in 11; mean R@1, image to text, 51.72 and 31.69",
    )
    .differs(
        "Held out there are data sets, here classes that the old model never saw, and both maps have \
         thousands of pairs for 32 dims.",
    ),
];
