//! Drift compensation: the new space is moved so that the means agree, and not turned.
//!
//! `g(v) = v + (mean of old rows - mean of new rows)` (query drift compensation, Goswami et al. 2025). Independent spaces
//! are turned against each other, so this is the adapter that shows what the others are for.

use measure::alignment::{Fit as Family, fit};
use protocol::{MethodCard, Need, Role};

use super::MAPPED_QUERY;
use crate::frames::fitted::{self, Fit};
use crate::methods::{Method, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "translation",
    card,
    claims: &[],
    check: fitted::check,
    stored_dims: encoder_dims,
    start: |setup| {
        fitted::start(&setup, |_, pairs| {
            let fitted = fit(Family::Translation, &pairs.source()?, &pairs.target()?)?;
            Ok(Fit { adapter: fitted.adapter, fusion: None, notices: Vec::new() })
        })
    },
};

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Translation")
        .summary("An adapter that only moves the mean of the new queries to that of the old ones.")
        .paper("Goswami, Liu, Twardowski, van de Weijer: Query Drift Compensation: Enabling Compatibility in Continual Learning of Retrieval Embedding Models, 2025")
        .role(Role::Adapter)
        .needs([Need::Teacher, Need::Pairs])
        .comparison(MAPPED_QUERY)
        .parameters([fitted::pairs(), vec![fitted::direction()]].concat())
        .claims([fitted::no_tax()])
}
