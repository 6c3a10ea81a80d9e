//! What `decide` can be told.

use std::path::PathBuf;

use decide::options::{Prices, Settings};

use super::floor::Floor;

/// What stands below the list of options.
pub const AFTER: &str = "\
Vectors can be .npy, .npz, .safetensors, .parquet, .feather, .arrow, .jsonl, .json, .csv or .tsv, also in a zip or packed with gzip: of \
the documents, and of the queries where there are, by both models. Beside them are read: ids (ids in their name: .txt with one a line, \
.csv, .json, .npy), labels (labels in their name), tasks of queries (task in their name), texts (fields such as text, title or query of \
.jsonl, .csv and .parquet) and judgements of relevance (qrels in their name, as TREC and BEIR have them). Names tell what is what: \
old_corpus.npy, new_queries.npy, corpus_ids.txt, queries_task.txt, qrels/test.tsv.

METRIC of --fail-below is recall, mrr, ndcg, map, overlap-new, overlap-old (with the full re-index, with the old system), gain, retention \
or share-of-gain (these three by the metric that decides). It is read of the option that the verdict names, or of the one named before \
it: stay, centred, swap, bridge, slerp, cascade or reindex, as in bridge:retention=0.95.

Exit codes: 0 done, 1 a file or the measurement failed, 2 the call was wrong, 3 a --fail-below was not met, 4 it is not known which \
model is old (name it with --old or --new).";

/// Decides whether to re-index, bridge, cascade or stay when the embedding model changes, measured on your own queries.
#[derive(clap::Args)]
pub struct DecideArguments {
    /// Files or folders with the vectors of both models, and what belongs to them.
    #[arg(required_unless_present_any = ["old", "new"], value_name = "FILES or FOLDERS")]
    pub files: Vec<PathBuf>,
    /// A file or folder with everything of the old model, or the name of the old model among those in FILES.
    #[arg(long, value_name = "DIR|NAME")]
    pub old: Option<String>,
    /// The same of the new model.
    #[arg(long, value_name = "DIR|NAME")]
    pub new: Option<String>,
    /// Judgements of relevance, whatever their file is called.
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// Labels, whatever their file is called.
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// How many documents a query is answered with.
    #[arg(long, default_value_t = 10, value_parser = above_zero)]
    pub k: usize,
    /// At most so many documents are used to fit maps.
    #[arg(long, value_name = "N", value_parser = above_zero)]
    pub pairs: Option<usize>,
    /// What everything random follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// At most so many documents are taken; of more, so many are drawn by the seed.
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = above_zero)]
    pub rows: usize,
    /// What embedding 1,000 documents or queries with the new model costs.
    #[arg(long, value_name = "PRICE", value_parser = amount)]
    pub price_new: Option<f64>,
    /// The same with the old model.
    #[arg(long, value_name = "PRICE", value_parser = amount)]
    pub price_old: Option<f64>,
    /// Differences below this are called equal, 0 to 1.
    #[arg(long, value_name = "DIFFERENCE", value_parser = share)]
    pub margin: Option<f64>,
    /// Folder for report.html, report.md, report.json, the lists of broken queries and the bridges; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Ends with exit code 3 where a score is below a value; can be given several times.
    #[arg(long, value_name = "[OPTION:]METRIC=VALUE")]
    pub fail_below: Vec<Floor>,
}

impl DecideArguments {
    /// The settings of a study.
    pub fn settings(&self) -> Settings {
        let standard = Settings::default();
        Settings {
            k: self.k,
            seed: self.seed,
            pairs: self.pairs.unwrap_or(standard.pairs),
            margin: self.margin.unwrap_or(standard.margin),
            prices: Prices { new_per_1000: self.price_new, old_per_1000: self.price_old },
            ..standard
        }
    }
}

fn above_zero(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "a whole number above 0 is needed".to_owned())
}

fn amount(text: &str) -> Result<f64, String> {
    number(text, 0.0, f64::MAX).ok_or_else(|| "a number that is 0 or more is needed".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1.0).ok_or_else(|| "a number from 0 to 1 is needed".to_owned())
}

fn number(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        arguments: DecideArguments,
    }

    fn of(words: &[&str]) -> Result<DecideArguments, String> {
        let words = std::iter::once("decide").chain(words.iter().copied());
        Alone::try_parse_from(words).map(|alone| alone.arguments).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_is_said_becomes_settings() {
        let said =
            of(&["a", "b", "--k", "5", "--pairs", "64", "--seed", "7", "--price-new", "0.02", "--margin", "0.05"])
                .unwrap();
        let settings = said.settings();
        assert_eq!((settings.k, settings.pairs, settings.seed, settings.margin), (5, 64, 7, 0.05));
        assert_eq!(settings.prices, Prices { new_per_1000: Some(0.02), old_per_1000: None });
        let plain = of(&["a"]).unwrap();
        assert_eq!((plain.settings(), plain.rows), (Settings::default(), 100_000));
        assert!(of(&["--old", "x", "--new", "y"]).unwrap().files.is_empty());
    }

    #[test]
    fn calls_that_mean_nothing_are_refused() {
        let calls: &[&[&str]] = &[
            &[],
            &["a", "--k", "0"],
            &["a", "--rows", "-1"],
            &["a", "--margin", "2"],
            &["a", "--price-new", "nan"],
            &["a", "--fail-below", "mrr"],
        ];
        for &words in calls {
            assert!(of(words).is_err(), "{words:?}");
        }
    }
}
