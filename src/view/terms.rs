//! Words of the field that the page explains where they stand. What each means stands in `public/terms.md`, which the page fetches when the
//! first of them is asked for; here is only which there are.

/// Makes the list and the names of all terms from one table.
macro_rules! terms {
    ($($(#[$about:meta])* $term:ident $id:literal,)+) => {
        /// A word that is explained.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Term {
            $($(#[$about])* $term,)+
        }

        impl Term {
            /// All of them, in the order of the file.
            pub const ALL: &'static [Self] = &[$(Self::$term,)+];

            /// Name in the file and in `data-term` attributes.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$term => $id,)+
                }
            }
        }
    };
}

terms! {
    /// What is searched in.
    Gallery "gallery",
    /// What is searched with.
    Query "query",
    /// Numbers that stand for an item.
    Embedding "embedding",
    /// Mean average precision.
    Map "map",
    /// Whether the best item is right.
    Top1 "top-1",
    /// What a random ranking scores.
    Chance "chance",
    /// A score of query model and gallery model.
    Pair "pair",
    /// M(o,o).
    StatusQuo "status-quo",
    /// M(n,o).
    CrossTest "cross-test",
    /// M(n,n).
    SelfTest "self-test",
    /// v2*.
    Independent "independent",
    /// M(*,o).
    UnplannedSwap "unplanned-swap",
    /// M(*,*).
    Ceiling "ceiling",
    /// M(n,o) > M(o,o).
    Criterion "criterion",
    /// Share of the possible gain that comes without a backfill.
    UpdateGain "update-gain",
    /// What compatibility costs.
    Tax "tax",
    /// Right before, wrong now.
    Nfr "nfr",
    /// Wrong before, right now.
    Pfr "pfr",
    /// Whether the skill has gone.
    ReIndexed "forgetting-re-indexed",
    /// Whether the space has moved.
    FrozenGallery "forgetting-frozen",
    /// How alike two spaces are.
    Cka "cka",
    /// Numbers stored per item.
    Floats "floats",
    /// Dims of the old embedding.
    OldDims "old-dims",
    /// How often was trained.
    Passes "passes",
    /// A model that another one learns from.
    Teacher "teacher",
    /// What a training makes small.
    Loss "loss",
    /// What BT² trains freely.
    Branch "branch",
    /// What is done while the index is in use.
    Upkeep "upkeep",
    /// Embedding old items anew.
    Backfill "backfill",
    /// What speaks for a wrong answer.
    Impostor "impostor",
    /// When a query turned.
    Turned "turned",
    /// How well a cosine tells classes apart.
    Separation "separation",
    /// The class vector of a head.
    Prototype "prototype",
    /// Average compatibility.
    Ac "ac",
    /// The same with ties.
    AcWithTies "ac-with-ties",
    /// Average accuracy.
    Aa "aa",
    /// Backward compatibility.
    Bc "bc",
    /// Forward compatibility.
    Fc "fc",
    /// A run that ships with the page.
    RecordedRun "recorded-run",
}

/// Terms that stand in sentences which are made elsewhere, as they are written there; of two that begin alike the longer comes first.
const WRITTEN: [(&str, Term); 10] = [
    ("M(n,o)", Term::CrossTest),
    ("M(o,o)", Term::StatusQuo),
    ("old/old", Term::StatusQuo),
    ("d_o", Term::OldDims),
    ("mAP", Term::Map),
    ("top-1", Term::Top1),
    ("Chance", Term::Chance),
    ("teacher", Term::Teacher),
    ("losses", Term::Loss),
    ("backfill", Term::Backfill),
];

impl Term {
    /// The term of this name.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|term| term.id() == id)
    }

    /// What a pair of models is called by, as in `new/old`; of pairs of a chain, what a pair is.
    pub fn of_pair(pair: &str) -> Self {
        match pair {
            "old/old" => Self::StatusQuo,
            "new/old" => Self::CrossTest,
            "new/new" => Self::SelfTest,
            "independent/old" => Self::UnplannedSwap,
            "independent/independent" => Self::Ceiling,
            _ => Self::Pair,
        }
    }

    /// What the head of a column says that is a term.
    pub fn of_head(name: &str) -> Option<Self> {
        Some(match name {
            "old/old" | "new/old" | "new/new" => Self::of_pair(name),
            "new/new alone" => Self::SelfTest,
            "old gallery" => Self::CrossTest,
            // With the models before it.
            _ if name.ends_with(" self-test") => Self::SelfTest,
            _ if name.ends_with(" cross-test") => Self::CrossTest,
            "broken" => Self::Nfr,
            "fixed" => Self::Pfr,
            "Floats" => Self::Floats,
            _ => return None,
        })
    }
}

/// A sentence in pieces, each with the term that it is, if it is one; each term once.
pub fn marked(sentence: &str) -> Vec<(&str, Option<Term>)> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    let mut known: Vec<Term> = Vec::new();
    loop {
        let next = WRITTEN.iter().filter(|(_, term)| !known.contains(term));
        let next = next.filter_map(|&(word, term)| Some((rest.find(word)?, word, term))).min_by_key(|it| it.0);
        let Some((at, word, term)) = next else { break };
        let (before, from) = rest.split_at(at);
        let (word, after) = from.split_at(word.len());
        pieces.extend([(before, None), (word, Some(term))]);
        known.push(term);
        rest = after;
    }
    pieces.push((rest, None));
    pieces.retain(|(words, _)| !words.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::view::chrome::sections::{Section, read};

    fn explained() -> Vec<Section> {
        read(include_str!("../../public/terms.md")).unwrap()
    }

    #[test]
    fn the_file_explains_every_term_and_no_other() {
        let sections = explained();
        let ids: Vec<&str> = sections.iter().map(|section| section.id.as_str()).collect();
        let terms: Vec<&str> = Term::ALL.iter().map(|term| term.id()).collect();
        assert_eq!(ids, terms);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        for section in &sections {
            assert_eq!(section.paragraphs.len(), 1, "{}", section.id);
            let words = &section.paragraphs[0];
            assert!(
                words.ends_with('.') && (60..420).contains(&words.len()),
                "{}: {} letters",
                section.id,
                words.len()
            );
            for key in section.keys() {
                assert!(["range", "from"].contains(&key), "{}: {key}", section.id);
            }
            assert!(section.setting("range").is_some(), "{} says nothing of its range or unit", section.id);
        }
    }

    #[test]
    fn every_term_stands_somewhere_on_the_page() {
        // What tests name is not on the page.
        fn sources(folder: &Path, found: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    sources(&path, found);
                } else if !path.ends_with("terms.rs") && !path.ends_with("tests.rs") && !path.ends_with("testing.rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    found.push_str(text.split("mod tests {").next().unwrap());
                }
            }
        }
        let mut found = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let article = include_str!("../../public/article.md");
        let named: Vec<Term> = ["old/old", "new/old", "new/new", "independent/old", "independent/independent", "v3/v1"]
            .map(Term::of_pair)
            .into();
        for &term in Term::ALL {
            let name = format!("Term::{term:?}");
            // Not as the beginning of a longer name.
            let mut after = found.split(name.as_str()).skip(1);
            let used = after.any(|rest| !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()));
            let used = used || named.contains(&term);
            let written = WRITTEN.iter().any(|it| it.1 == term) || article.contains(&format!("]({})", term.id()));
            assert!(used || written, "{term:?} stands nowhere");
        }
    }

    #[test]
    fn terms_in_a_sentence_are_found_once_and_nothing_is_lost() {
        let sentence = "v2 is compatible if M(n,o) > M(o,o): more than M(o,o).";
        let pieces = marked(sentence);
        assert_eq!(pieces.iter().map(|it| it.0).collect::<String>(), sentence);
        let terms: Vec<_> = pieces.iter().filter_map(|it| it.1).collect();
        assert_eq!(terms, [Term::CrossTest, Term::StatusQuo]);
        assert_eq!(marked("nothing"), vec![("nothing", None)]);
        assert!(marked("").is_empty());
        assert_eq!(marked("d_o"), vec![("d_o", Some(Term::OldDims))]);
        let scores = marked("more than before (mAP +8.3, top-1 +5.7 points).");
        assert_eq!(scores.iter().filter_map(|it| it.1).collect::<Vec<_>>(), [Term::Map, Term::Top1]);
    }
}
