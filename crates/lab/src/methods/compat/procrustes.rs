//! Orthogonal Procrustes: the rotation that brings the new rows of the same images nearest to their old ones.
//!
//! `g(v) = (v - mx) Q + my` with `Q = U V'` of `(X - mx)'(Y - my) = U S V'` (Schönemann 1966); scaled, `Q` times the number
//! that then fits best. A rotation keeps every distance of the new space, so it cannot adapt to the pairs alone.

use measure::alignment::{Fit as Family, fit};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::MAPPED_QUERY;
use crate::frames::fitted;
use crate::methods::{Method, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "procrustes",
    card,
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
