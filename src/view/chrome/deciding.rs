//! A decision between two embedding models: what is asked, how far it is, and what came of it.

use protocol::{DecideAnswer, DecideSettings, Decision, view_setting, with_view_setting};

/// The setting of an address that names real text models to decide about.
const DEMO: &str = "decide";

/// A decision, from files to report.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Deciding {
    /// Nothing was handed in yet.
    #[default]
    Nothing,
    /// The decider is at work.
    Working {
        /// What it is doing, in a few words.
        stage: String,
        /// How much of all is done, `0..=1`.
        share: f64,
    },
    /// It is not known which model is the old one.
    Asking {
        /// Names to choose from.
        models: Vec<String>,
        /// Why it is not known.
        why: String,
    },
    /// What follows.
    Decided(Box<Decision>),
    /// Nothing came of it, and why.
    Refused(String),
}

impl Deciding {
    /// Before anything was heard of the decider.
    pub fn begun() -> Self {
        Self::Working { stage: "looking at the files".to_owned(), share: 0.0 }
    }

    /// What an answer makes of it; `None` of one that changes nothing.
    pub fn of(answer: DecideAnswer) -> Option<Self> {
        Some(match answer {
            DecideAnswer::Ready => return None,
            DecideAnswer::Progress { stage, share } => Self::Working { stage, share: share.clamp(0.0, 1.0) },
            DecideAnswer::WhichIsOld { models, why } => Self::Asking { models, why },
            DecideAnswer::Decided(decision) => Self::Decided(decision),
            DecideAnswer::Refused { reason } => Self::Refused(sentence(&reason)),
        })
    }

    /// Whether the decider is at work.
    pub fn is_working(&self) -> bool {
        matches!(self, Self::Working { .. })
    }
}

/// What is said as a sentence: with a capital at its beginning, unless that is the name of a file, and a full stop at its end.
pub fn sentence(said: &str) -> String {
    let mut letters = said.chars();
    let is_file = said.split_whitespace().next().is_some_and(|word| word.trim_end_matches('.').contains(['.', '/']));
    let first: String = match letters.next() {
        Some(first) if !is_file => first.to_uppercase().collect(),
        first => first.into_iter().collect(),
    };
    let end = if said.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// Real text models that lie beside the page with what they were given, so that a decision can be seen before own vectors are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The old model, as its archive is called.
    pub old: &'static str,
    /// The new model.
    pub new: &'static str,
    /// Both in words.
    pub label: &'static str,
}

impl Demo {
    /// An upgrade, one that changes hardly anything, and one in the wrong direction.
    pub const ALL: [Self; 3] = [
        Self { old: "glove-50", new: "minilm-384", label: "GloVe (50 dims) \u{2192} MiniLM (384)" },
        Self { old: "minilm-4bit", new: "minilm-384", label: "MiniLM in 4 bits \u{2192} MiniLM" },
        Self { old: "minilm-384", new: "glove-50", label: "MiniLM (384) \u{2192} GloVe (50)" },
    ];

    /// The files that it takes, as they lie beside the page.
    pub fn files(self) -> [String; 3] {
        ["texts", self.old, self.new].map(|name| format!("text/{name}.zip"))
    }

    /// Those that an address asks for, if they are known.
    pub fn of_link(fragment: &str) -> Option<Self> {
        let asked = view_setting(fragment, DEMO)?;
        Self::ALL.into_iter().find(|demo| demo.word() == asked)
    }

    /// The fragment of a scenario with these beside it.
    pub fn beside(self, link: &str) -> String {
        with_view_setting(link, DEMO, &self.word())
    }

    fn word(self) -> String {
        format!("{}-to-{}", self.old, self.new)
    }
}

/// What a reader wrote into a field of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// How many documents a query is answered with.
    K,
    /// What embedding 1,000 documents or queries with the new model costs.
    PriceNew,
    /// The same with the old model.
    PriceOld,
}

impl Asked {
    /// All in the order of the form.
    pub const ALL: [Self; 3] = [Self::K, Self::PriceNew, Self::PriceOld];
    /// Most documents that a query is answered with.
    const MOST: u32 = 1000;

    /// Name of the field.
    pub fn label(self) -> &'static str {
        match self {
            Self::K => "Documents per answer",
            Self::PriceNew => "Price of 1,000 embeddings, new model",
            Self::PriceOld => "Price of 1,000 embeddings, old model",
        }
    }

    /// What stands in the field.
    pub fn shown(self, settings: &DecideSettings) -> String {
        let price = |price: Option<f64>| price.map(|price| price.to_string()).unwrap_or_default();
        match self {
            Self::K => settings.k.to_string(),
            Self::PriceNew => price(settings.price_new),
            Self::PriceOld => price(settings.price_old),
        }
    }

    /// The settings with what was written into the field.
    ///
    /// # Errors
    /// What has to be written instead.
    pub fn take(self, settings: DecideSettings, text: &str) -> Result<DecideSettings, String> {
        let text = text.trim();
        let price = || match text.parse::<f64>() {
            _ if text.is_empty() => Ok(None),
            Ok(price) if price.is_finite() && price >= 0.0 => Ok(Some(price)),
            _ => Err(format!("{}: write a number that is 0 or more, or nothing.", self.label())),
        };
        Ok(match self {
            Self::K => match text.parse() {
                Ok(k) if (1..=Self::MOST).contains(&k) => DecideSettings { k, ..settings },
                _ => return Err(format!("{}: write a whole number from 1 to {}.", self.label(), Self::MOST)),
            },
            Self::PriceNew => DecideSettings { price_new: price()?, ..settings },
            Self::PriceOld => DecideSettings { price_old: price()?, ..settings },
        })
    }
}

/// Whether a section of the report stands open, by its place: the options behind the decision do.
pub fn opens(place: usize) -> bool {
    place <= 1
}

/// How many columns the last of a row's cells goes over, where there are so many columns.
pub fn spans(columns: usize, cells: usize) -> usize {
    columns.saturating_sub(cells).saturating_add(1)
}

/// What the browser's choice of files offers.
pub const ACCEPTED: &str = ".npy,.npz,.safetensors,.parquet,.feather,.arrow,.json,.jsonl,.csv,.tsv,.txt,.zip,.gz";

/// A file that a decision left: its place among them, its name when it is saved, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Place among the files.
    pub at: usize,
    /// Name without folders that tells it from all others.
    pub name: String,
    /// Media type.
    pub kind: &'static str,
}

/// The reports, what is on single queries, and the bridges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaves {
    /// All of it in one.
    pub whole: Vec<Leaf>,
    /// The report in its forms.
    pub reports: Vec<Leaf>,
    /// Lists of broken queries.
    pub lists: Vec<Leaf>,
    /// Bridges, with what applies them.
    pub bridges: Vec<Leaf>,
}

impl Leaves {
    /// Of the paths that a decision names.
    pub fn of(paths: &[String]) -> Self {
        let mut leaves = Self::default();
        for (at, path) in paths.iter().enumerate() {
            let leaf = Leaf { at, name: path.replace('/', "-"), kind: kind(path) };
            let group = match path {
                path if path.ends_with(".zip") => &mut leaves.whole,
                path if path.starts_with("bridge/") => &mut leaves.bridges,
                path if path.ends_with(".csv") => &mut leaves.lists,
                _ => &mut leaves.reports,
            };
            group.push(leaf);
        }
        leaves
    }
}

/// The media type of a file by its name.
fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("md") => "text/markdown",
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        Some("zip") => "application/zip",
        Some("py" | "rs" | "sql" | "txt" | "sh") => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_makes_what_is_shown() {
        assert_eq!(Deciding::of(DecideAnswer::Ready), None);
        let working = Deciding::of(DecideAnswer::Progress { stage: "fitting".to_owned(), share: 2.0 });
        assert_eq!(working, Some(Deciding::Working { stage: "fitting".to_owned(), share: 1.0 }));
        assert!(working.is_some_and(|it| it.is_working()) && Deciding::begun().is_working());
        let refused = |reason: &str| Deciding::of(DecideAnswer::Refused { reason: reason.to_owned() });
        assert_eq!(refused("only one model"), Some(Deciding::Refused("Only one model.".to_owned())));
        assert_eq!(refused("Ünsinn."), Some(Deciding::Refused("Ünsinn.".to_owned())));
        assert_eq!(sentence("new.npy is empty"), "new.npy is empty.", "files keep their names");
        assert_eq!(sentence("a/b: no"), "a/b: no.");
        assert_eq!(sentence("stop."), "Stop.");
    }

    #[test]
    fn what_is_written_is_taken_or_said_to_be_wrong() {
        let plain = DecideSettings::default();
        let taken = |field: Asked, text: &str| field.take(plain, text);
        assert_eq!(taken(Asked::K, " 5 ").map(|it| it.k), Ok(5));
        for text in ["", "0", "1001", "2.5", "x"] {
            let why = taken(Asked::K, text).unwrap_err();
            assert_eq!(why, "Documents per answer: write a whole number from 1 to 1000.", "{text}");
        }
        assert_eq!(taken(Asked::PriceNew, "0.02").map(|it| it.price_new), Ok(Some(0.02)));
        assert_eq!(taken(Asked::PriceOld, "").map(|it| it.price_old), Ok(None));
        for text in ["-1", "nan", "inf", "1,5"] {
            assert!(taken(Asked::PriceOld, text).is_err(), "{text}");
        }
        let full = DecideSettings { price_new: Some(0.5), ..plain };
        assert_eq!(Asked::ALL.map(|field| field.shown(&full)), ["10", "0.5", ""]);
    }

    #[test]
    fn what_real_models_take_lies_beside_the_page() {
        let manifest = include_str!("../../../public/text/manifest.json");
        let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
        let sizes = manifest["files"].as_object().unwrap();
        let size = |name: &str| sizes.get(name).unwrap()["bytes"].as_u64().unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("public");
        for path in Demo::ALL.iter().flat_map(|demo| demo.files()) {
            let there = std::fs::metadata(folder.join(&path)).unwrap().len();
            assert_eq!(there, size(path.strip_prefix("text/").unwrap()), "{path}");
        }
        assert!(sizes.keys().map(|name| size(name)).sum::<u64>() <= 4_000_000);
    }

    #[test]
    fn an_address_leads_to_real_models() {
        for demo in Demo::ALL {
            assert_eq!(Demo::of_link(&demo.beside("seed=3")), Some(demo));
        }
        assert!(Demo::of_link("seed=3").is_none() && Demo::of_link("view.decide=old-to-new").is_none());
    }

    #[test]
    fn files_are_sorted_by_what_they_are_for() {
        let bridge = ["bridge/queries/bridge.onnx", "bridge/queries/apply.py"];
        let paths = [["report.json", "report.html", "broken-swap.csv"].as_slice(), &bridge, &["decision.zip"]].concat();
        let leaves = Leaves::of(&paths.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let names = |leaves: &[Leaf]| leaves.iter().map(|it| (it.at, it.name.clone())).collect::<Vec<_>>();
        assert_eq!(names(&leaves.reports), [(0, "report.json".to_owned()), (1, "report.html".to_owned())]);
        assert_eq!(names(&leaves.lists), [(2, "broken-swap.csv".to_owned())]);
        let bridges = [(3, "bridge-queries-bridge.onnx".to_owned()), (4, "bridge-queries-apply.py".to_owned())];
        assert_eq!(names(&leaves.bridges), bridges);
        assert_eq!(names(&leaves.whole), [(5, "decision.zip".to_owned())]);
        assert_eq!(leaves.reports[1].kind, "text/html");
    }
}
