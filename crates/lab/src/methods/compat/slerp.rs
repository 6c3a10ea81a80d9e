//! Fusion: each query is asked of both models and stands on the great circle between the two answers.
//!
//! `q_a = slerp(u, g(v); a)` with `u` the old embedding and `g` Procrustes; `a` is the tenth that served the pairs best
//! (Ricci, Biondi, Pernici: NeurIPS 2026). Nothing is trained; every query costs both encoders.
//!
//! By default `g` is fitted on 1000 pairs, Procrustes by itself on all. At a = 1 the two are then not the same: give both as many `pairs`
//! to compare them. The paper picks `a` by Recall@1, here mAP picks it, on the training images that `g` was fitted on.

use measure::alignment::SlerpFusion;
use protocol::{Claim, MethodCard, Need, Role};

use super::procrustes;
use crate::claims::{Arm, Change, Fact, Measure, NEW_OLD, OLD_OLD, Rule, judged};
use crate::frames::fitted::{self, Fit};
use crate::methods::{Method, anything_goes, encoder_dims};

pub(super) const METHOD: Method = Method {
    id: "slerp",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: |setup| {
        fitted::start(&setup, |_, pairs| {
            let SlerpFusion { adapter, a, support } =
                SlerpFusion::fit(&pairs.by_new()?, &pairs.by_old()?, pairs.labels())?;
            let best = support.iter().find(|(tried, _)| *tried == a).map_or(f64::NAN, |&(_, map)| map);
            let ends: Vec<f64> =
                support.iter().filter(|(tried, _)| *tried == 0.0 || *tried == 1.0).map(|&(_, map)| map).collect();
            let notice = match ends.as_slice() {
                [old, new] => format!(
                    "SLERP goes {:.0} % of the way from the old query to the mapped new one: on the pairs that finds {:.1} % mAP, \
                     the old query alone {:.1} %, the mapped one alone {:.1} %.",
                    100.0 * a,
                    100.0 * best,
                    100.0 * old,
                    100.0 * new
                ),
                _ => "No pair has another of its class, so SLERP keeps the old query.".to_owned(),
            };
            Ok(Fit { adapter, fusion: Some(a), notices: vec![notice] })
        })
    },
};

fn card() -> MethodCard {
    let mut parameters = fitted::pairs();
    // The support set is queried against itself eleven times.
    if let Some(pairs) = parameters.first_mut() {
        pairs.default = 1000.0;
    }
    MethodCard::new(METHOD.id, "SLERP fusion")
        .summary("Every query is embedded by both models and stands between the two in the old space.")
        .paper("Ricci, Biondi, Pernici: spherical interpolation after Procrustes, NeurIPS 2026")
        .role(Role::Adapter)
        .needs([Need::Teacher, Need::Pairs])
        .comparison("The old query, moved along the great circle towards the mapped new one, against the old gallery; each query costs both encoders.")
        .parameters(parameters)
        .claims([
            fitted::no_tax(),
            Claim::new("between", "The best query lies strictly between the two models' own."),
        ])
}

const ROTATION: &Arm = &Arm::extended("procrustes, 1000 pairs", Change::Last("procrustes", &[("pairs", 1000.0)]));
const SLERP: &Arm = &Arm::extended("slerp", Change::Last("slerp", &[]));

const CLAIMS: &[Rule] = &[Rule::new(
    "24",
    procrustes::BY,
    "The best fused query is better than both models' own, with as many pairs for the rotation alone",
    Measure::AboveBoth {
        number: (SLERP, Fact::Score(NEW_OLD)),
        others: [(ROTATION, Fact::Score(NEW_OLD)), (SLERP, Fact::Score(OLD_OLD))],
    },
)
.at_least(0.01)
.tried_with(SLERP)
.said("M(fused,o) minus the larger of M(o,o) and Procrustes, points")
.by_top1()
.published(
    "CLIP L/14 to B/32, Flickr30k, image to text, R@1: fused 48.00, Procrustes 42.89, old/old \
     40.62; compatible in 85 of 90 evaluations, Procrustes in 45",
)
.differs(
    "The place between both is picked by Recall@1 there, here by mAP on training images, where it \
     may be the mapped query itself and the difference then nothing.",
)];
