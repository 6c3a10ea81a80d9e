//! A control: BCT with extra dims and nothing else. The influence sees the first d_o dims, the head sees all.
//!
//! The paper of BT² says that extra dims alone do not help. This is also OCA without its rotation, up to the losses.

use protocol::{Claim, MethodCard, Parameter};

use super::{Bct, bct, bt2, extended_dims, holds_prefix};
use crate::claims::arms::BT2;
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::Extended;
use crate::methods::Method;
use crate::start;

pub(super) const METHOD: Method = Method {
    id: "naive-extra-dims",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: extended_dims,
    start: start::<Extended<Bct>>,
};

fn card() -> MethodCard {
    let help = "Dims that the old classifier does not see; 0 is BCT.";
    let extra = Parameter::integer("r", "Extra dims r", (0, 64), 8, help);
    bct::card()
        .called(METHOD.id, "Naive extra dims")
        .summary("A control: BCT with extra dims that only the new head sees.")
        .paper("")
        .parameters([vec![extra], bct::parameters()].concat())
        .claims([Claim::new(
            "extra dims alone do not help",
            "According to the paper of BT², without a basis transformation the self-test stays near BCT's.",
        )])
}

const ARM: &Arm = &Arm::extended("naive extra dims", Change::Last("naive-extra-dims", &[]));

const CLAIMS: &[Rule] = &[Rule::new(
    "naive-cross",
    bt2::BY,
    "Extra dims alone are not enough: BT²'s cross-test is above theirs",
    Measure::cross_tests(ARM, BT2),
)
.by_top1()
.published("The abstract says that extra dims without a basis transformation do not work; no number is at hand")
.differs(
    "BT² also has a teacher and a loss on old features that this control lacks; what the rotations \
     do alone is judged under BT².",
)];
