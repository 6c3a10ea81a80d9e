//! A chain of upgrades, judged as a whole.

use serde::{Deserialize, Serialize};

use crate::ModelId;

/// How the deployed models of a run get along, each with every one before it, on the whole test set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// Number of deployed models T, at least 3.
    pub models: u8,
    /// By mean average precision.
    pub map: ChainScores,
    /// By CMC top-1.
    pub cmc1: ChainScores,
    /// How it came to that, by mAP: the first two models, the first three, and so on to all.
    pub growth: Vec<Growth>,
}

/// The first models of a chain, as it stood when the last of them was deployed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// How many models.
    pub models: u8,
    /// Their average compatibility, strict.
    pub ac: f64,
    /// Their average accuracy.
    pub aa: f64,
}

/// What the matrix `C[query model][gallery model]` of a chain comes to by one score. Fractions; models count from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainScores {
    /// Average compatibility AC, strict: share of the upgrades j to i, over one or more steps, with `C[i][j] > C[j][j]`.
    pub ac: f64,
    /// AC with ties passing, `C[i][j] >= C[j][j]`, as counted by the code of CL2R and CoReS.
    pub ac_with_ties: f64,
    /// Average accuracy AA: mean over all `C[i][j]` with j <= i.
    pub aa: f64,
    /// Backward compatibility BC: mean over j < T of `C[T][j] - C[j][j]`.
    pub bc: f64,
    /// Forward compatibility FC: mean over i > 1 of `C[i][i-1] - C[i][i]`.
    pub fc: f64,
    /// The upgrades that fail AC: query model and gallery model.
    pub failed: Vec<(ModelId, ModelId)>,
}

impl Chain {
    /// Upgrades over one or more steps, `T (T - 1) / 2`.
    pub fn upgrades(&self) -> usize {
        let models = usize::from(self.models);
        models * models.saturating_sub(1) / 2
    }

    /// How many upgrades pass, without a full stop.
    pub fn headline(&self) -> String {
        let all = self.upgrades();
        let passing = |scores: &ChainScores| all - scores.failed.len().min(all);
        let (by_map, by_top1) = (passing(&self.map), passing(&self.cmc1));
        let ties = |scores: &ChainScores| ((scores.ac_with_ties - scores.ac) * all as f64).round() as usize;
        let even = match ties(&self.map) {
            0 => String::new(),
            ties => format!("; by mAP {ties} of the others find exactly as much as before"),
        };
        format!(
            "{by_map} of {all} upgrades over one or more steps are compatible by mAP, {by_top1} of {all} by top-1{even}"
        )
    }

    /// Which upgrades fail, in sentences; empty if none does.
    pub fn failures(&self) -> String {
        let sentence = |(score, failed): (&str, &[(ModelId, ModelId)])| {
            let names: Vec<String> = failed.iter().map(|(query, gallery)| format!("{query}/{gallery}")).collect();
            match names.as_slice() {
                [] => String::new(),
                [one] => format!("By {score} {one} fails. "),
                [others @ .., last] => format!("By {score} {} and {last} fail. ", others.join(", ")),
            }
        };
        [("mAP", self.map.failed.as_slice()), ("top-1", self.cmc1.failed.as_slice())].map(sentence).concat()
    }

    /// What BC and FC say, in a sentence.
    pub fn worth(&self) -> String {
        let side = |value: f64| if value < 0.0 { "less" } else { "more" };
        let change = |value: f64| format!("{:.1} points {}", 100.0 * value.abs(), side(value));
        format!(
            "By mAP v{} queries find {} in the galleries before theirs than those galleries' own models do (BC); a gallery one \
             version behind gives {} than a re-indexed one (FC).",
            self.models,
            change(self.map.bc),
            change(self.map.fc)
        )
    }

    /// The whole in words.
    pub fn in_words(&self) -> String {
        format!("{}. {}{}", self.headline(), self.failures(), self.worth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_numbers() {
        let scores = |failed: &[(u8, u8)]| ChainScores {
            ac: 1.0 - failed.len() as f64 / 6.0,
            ac_with_ties: 1.0 - failed.len() as f64 / 6.0,
            aa: 0.6,
            bc: 0.031,
            fc: -0.05,
            failed: failed.iter().map(|&(i, j)| (ModelId::deployed(i), ModelId::deployed(j))).collect(),
        };
        let chain = Chain { models: 4, map: scores(&[]), cmc1: scores(&[(3, 1), (3, 2), (4, 2)]), growth: Vec::new() };
        assert_eq!(
            chain.in_words(),
            "6 of 6 upgrades over one or more steps are compatible by mAP, 3 of 6 by top-1. By top-1 v3/v1, v3/v2 and v4/v2 fail. \
             By mAP v4 queries find 3.1 points more in the galleries before theirs than those galleries' own models do (BC); a \
             gallery one version behind gives 5.0 points less than a re-indexed one (FC)."
        );
        let frozen = ChainScores { ac_with_ties: 1.0, ..scores(&[(2, 1), (3, 1)]) };
        let even = Chain { map: frozen, ..chain.clone() }.headline();
        assert!(
            even.starts_with("4 of 6") && even.ends_with("; by mAP 2 of the others find exactly as much as before"),
            "{even}"
        );
        let one = Chain { map: scores(&[(3, 2)]), ..chain };
        assert!(one.in_words().contains("5 of 6 upgrades"), "{}", one.in_words());
        assert!(one.in_words().contains("By mAP v3/v2 fails. By top-1 v3/v1"), "{}", one.in_words());
    }
}
