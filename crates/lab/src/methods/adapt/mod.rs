//! Ways to keep a model in use right when the pictures change that it is asked about, without labels and without training it anew.

mod adapting;
mod net;
mod rows;
mod source;

pub use adapting::Served;
pub use source::Source;

use crate::methods::Method;

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] =
    &[source::METHOD, rows::NO_ADAPTATION, rows::ALPHA_BN, rows::TEST_NORM, rows::TENT];
