//! How far an import of a reader's own data is, in words and as a share of the whole, and what is said where nothing is heard of it.

use protocol::{ImportProgress, ImportStage};

use super::pulse::{UNHEARD_S, WORKING_S};

/// What is shown of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bringing {
    /// What is being done, in a sentence that stays while a stage lasts.
    pub sentence: &'static str,
    /// How much of all is done, `0..=1`.
    pub share: f64,
}

impl Bringing {
    /// Before anything was heard of it.
    pub const BEGUN: Self = Self { sentence: "Your files are being read.", share: 0.0 };

    /// Of what the importer says.
    pub fn of(progress: ImportProgress) -> Self {
        // About as long as each takes: of a large file of embeddings packing is most.
        let (sentence, from, to) = match progress.stage {
            ImportStage::Reading => (Self::BEGUN.sentence, 0.0, 0.15),
            ImportStage::Unpacking => ("What is in your files is being sorted out.", 0.15, 0.45),
            ImportStage::Packing => ("The dataset is being packed.", 0.45, 1.0),
        };
        let share: f64 = progress.share.clamp(0.0, 1.0);
        Self { sentence, share: from * (1.0 - share) + to * share }
    }
}

/// What is said of an importer that is silent, while it is at the files or before.
pub fn silence(begun: bool) -> String {
    if begun {
        format!(
            "Nothing was heard of the import for {WORKING_S} seconds. A single large file can take that long; if it hangs, begin again or \
             cancel it."
        )
    } else {
        format!(
            "The importer has been on its way for {UNHEARD_S} seconds, and nothing was heard of it. Over a slow network it can take that \
             long; if it does not come, begin again or cancel the import."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_one_another_without_a_step_back() {
        let stages = [ImportStage::Reading, ImportStage::Unpacking, ImportStage::Packing];
        let shares =
            stages.map(|stage| [0.0, 0.5, 2.0].map(|share| Bringing::of(ImportProgress { stage, share }).share));
        let shares = shares.concat();
        assert!(shares.is_sorted() && shares[0] == 0.0 && shares[8] == 1.0, "{shares:?}");
    }

    #[test]
    fn silence_says_what_it_is_that_takes_so_long() {
        let [working, coming] = [true, false].map(silence);
        assert!(
            working.contains("for 30 seconds. A single large file can take that long; if it hangs, begin"),
            "{working}"
        );
        assert!(
            coming.contains("for 60 seconds") && coming.contains("Over a slow network it can take that long"),
            "{coming}"
        );
    }
}
