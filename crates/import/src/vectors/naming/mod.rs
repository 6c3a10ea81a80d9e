//! What the words of a path say: documents or queries, a part, ids, labels, tasks or texts; what is left names a model.

use std::collections::BTreeSet;

/// What a list of names is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Ids,
    Labels,
    /// Which task a query is of.
    Tasks,
    /// What a person reads.
    Texts,
}

/// All of them, ids first, since how the others go with rows follows from these.
pub(super) const USES: [Use; 4] = [Use::Ids, Use::Labels, Use::Tasks, Use::Texts];

/// What vectors are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Documents,
    Queries,
}

/// Which part of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Train,
    Val,
    Test,
}

const DOCUMENTS: [&str; 12] = [
    "corpus",
    "gallery",
    "passage",
    "passages",
    "doc",
    "docs",
    "document",
    "documents",
    "docid",
    "docids",
    "pid",
    "pids",
];
const QUERIES: [&str; 9] = ["query", "queries", "question", "questions", "probe", "probes", "qid", "qids", "qs"];
/// Words that also stand in names of models or of labels; they count where no word above does.
const WEAK_DOCUMENTS: [&str; 6] = ["target", "targets", "db", "database", "base", "index"];
const WEAK_QUERIES: [&str; 3] = ["source", "sources", "q"];
const TRAIN: [&str; 2] = ["train", "training"];
const VAL: [&str; 5] = ["val", "valid", "validation", "dev", "development"];
const TEST: [&str; 4] = ["test", "testing", "eval", "evaluation"];

const LABELS: [&str; 17] = [
    "label",
    "labels",
    "y",
    "class",
    "classes",
    "category",
    "categories",
    "topic",
    "topics",
    "identity",
    "identities",
    "person",
    "speaker",
    "relevant",
    "positive",
    "positives",
    "gold",
];
/// Labels, unless a word for ids stands beside them.
const WEAK_LABELS: [&str; 2] = ["target", "targets"];
const IDS: [&str; 14] = [
    "id",
    "ids",
    "docid",
    "docids",
    "qid",
    "qids",
    "pid",
    "pids",
    "uid",
    "uuid",
    "key",
    "keys",
    "filename",
    "filenames",
];
const TASKS: [&str; 2] = ["task", "tasks"];
/// Tasks too, where a word for queries stands beside them: `query_type`.
const TYPES: [&str; 4] = ["type", "types", "kind", "kinds"];
/// Texts, where a name ends so: `query_text`.
const TEXTS: [&str; 8] = ["text", "texts", "title", "titles", "sentence", "sentences", "content", "contents"];
/// Columns of texts, where the name is nothing else; vectors and ids are called after these too.
const LONE_TEXTS: [&str; 3] = ["query", "question", "passage"];
/// Beside a word for labels: what classes are called, which is no list of labels.
const CLASS_NAMES: [&str; 4] = ["name", "names", "map", "mapping"];
/// Words of files that say which document answers which query.
const JUDGEMENTS: [&str; 6] = ["qrel", "qrels", "judgments", "judgements", "relevance", "relevant"];
/// Columns of such files that say how well.
const GRADES: [&str; 5] = ["score", "relevance", "grade", "rel", "label"];

/// Words that say what every array is; at the ends of a name they say nothing of a model.
const FILLERS: [&str; 27] = [
    "embedding",
    "embeddings",
    "embedded",
    "emb",
    "embs",
    "feature",
    "features",
    "feat",
    "feats",
    "vector",
    "vectors",
    "vec",
    "vecs",
    "values",
    "dense",
    "data",
    "array",
    "x",
    "dim",
    "dims",
    "d",
    "float32",
    "float16",
    "fp32",
    "fp16",
    "f32",
    "f16",
];
const EXTENSIONS: [&str; 12] =
    ["npy", "npz", "zip", "gz", "jsonl", "ndjson", "json", "csv", "tsv", "tab", "txt", "safetensors"];

/// A word of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// As it stands there.
    pub text: String,
    pub lower: String,
    /// Which folder, file or array of the path it is of, from 0.
    pub component: usize,
    /// Whether only a point between digits parts it from the word before: `v1.5`.
    pub dotted: bool,
}

/// What the words of a path say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub kind: Option<Kind>,
    pub part: Option<Part>,
    /// What is left: the name of a model.
    pub rest: Vec<Word>,
}

/// The words of a path.
pub(super) fn words(path: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut component, mut before, mut gap) = (0, ' ', String::new());
    for letter in path.chars() {
        if !letter.is_alphanumeric() {
            component += usize::from(letter == '/');
            gap.push(letter);
            continue;
        }
        match words.last_mut().filter(|_| gap.is_empty()) {
            Some(word) => word.text.push(letter),
            None => {
                let dotted = gap == "." && before.is_ascii_digit() && letter.is_ascii_digit();
                words.push(Word { text: letter.to_string(), lower: String::new(), component, dotted });
            }
        }
        gap.clear();
        before = letter;
    }
    for word in &mut words {
        word.lower = word.text.to_lowercase();
    }
    words
}

/// The words together again, with `-` between them.
pub(super) fn joined(words: &[Word]) -> String {
    let mut name = String::new();
    for word in words {
        if !name.is_empty() {
            name.push(if word.dotted { '.' } else { '-' });
        }
        name += &word.text;
    }
    name
}

/// What a list is for by its own name; else by a file or folder around it that is called `ids`, `labels` or `tasks` and nothing else.
pub(super) fn use_of(path: &str) -> Option<Use> {
    let mut parts = path.rsplit('/');
    let own = parts.next().unwrap_or(path);
    let around = |part: &str| match part.split('.').next().unwrap_or(part).to_lowercase().as_str() {
        "id" | "ids" => Some(Use::Ids),
        "label" | "labels" => Some(Use::Labels),
        "task" | "tasks" => Some(Use::Tasks),
        _ => None,
    };
    let own = words(own);
    let last = own.iter().rfind(|word| !EXTENSIONS.contains(&word.lower.as_str()));
    let texts = last.is_some_and(|word| TEXTS.contains(&word.lower.as_str())).then_some(Use::Texts);
    use_of_words(&own).or(texts).or_else(|| parts.find_map(around))
}

fn use_of_words(words: &[Word]) -> Option<Use> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.lower.as_str()));
    match () {
        () if has(&LABELS) => (!has(&CLASS_NAMES)).then_some(Use::Labels),
        () if has(&IDS) => Some(Use::Ids),
        () if has(&WEAK_LABELS) => (!has(&CLASS_NAMES)).then_some(Use::Labels),
        () if has(&TASKS) || has(&QUERIES) && has(&TYPES) => Some(Use::Tasks),
        () => None,
    }
}

/// Whether a column is one of texts: by the end of its name, or by all of it.
fn is_text(words: &[Word]) -> bool {
    let last = words.last().is_some_and(|word| TEXTS.contains(&word.lower.as_str()));
    last || matches!(words, [only] if LONE_TEXTS.contains(&only.lower.as_str()))
}

/// Whether a path names judgements of relevance: by the file's own name, or by a folder of qrels.
pub(super) fn judges(path: &str) -> bool {
    let has = |text: &str, list: &[&str]| words(text).iter().any(|word| list.contains(&word.lower.as_str()));
    has(path.rsplit('/').next().unwrap_or(path), &JUDGEMENTS) || has(path, &["qrel", "qrels"])
}

/// What the name of a column of records says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub used: Option<Use>,
    pub kind: Option<Kind>,
    pub grade: bool,
}

/// What the name of a column says, by its own words: of `metadata/label`, by `label`.
pub(super) fn column(name: &str) -> Column {
    let words = words(name.rsplit('/').next().unwrap_or(name));
    Column {
        used: use_of_words(&words).or_else(|| is_text(&words).then_some(Use::Texts)),
        kind: words.iter().rev().find_map(|word| kind_of(&word.lower, &DOCUMENTS, &QUERIES)),
        grade: words.iter().any(|word| GRADES.contains(&word.lower.as_str())),
    }
}

/// Whether a word is of one of the lists here: it says something of an array, other than the name of its model.
pub(super) fn says_something(word: &str) -> bool {
    [DOCUMENTS.as_slice(), &QUERIES, &TRAIN, &VAL, &TEST, &LABELS, &IDS].iter().any(|list| list.contains(&word))
}

/// What a path says. Words in `common` are in every path, and say nothing. `weak`: whether words that also stand in names of models tell
/// documents from queries.
pub(super) fn parse(path: &str, common: &BTreeSet<String>, weak: bool) -> Parsed {
    let words: Vec<Word> = words(path).into_iter().filter(|word| !common.contains(&word.lower)).collect();
    let strong = words.iter().rev().find_map(|word| kind_of(&word.lower, &DOCUMENTS, &QUERIES));
    let weakly = |word: &Word| {
        let asked = weak && strong.is_none();
        asked.then(|| kind_of(&word.lower, &WEAK_DOCUMENTS, &WEAK_QUERIES)).flatten()
    };
    let kind = strong.or_else(|| words.iter().rev().find_map(weakly));
    let part = words.iter().rev().find_map(|word| part_of(&word.lower));
    let own = |&word: &&Word| {
        let lower = word.lower.as_str();
        kind_of(lower, &DOCUMENTS, &QUERIES).is_none()
            && weakly(word).is_none()
            && part_of(lower).is_none()
            && !EXTENSIONS.contains(&lower)
    };
    let rest: Vec<Word> = words.iter().filter(own).cloned().collect();
    Parsed { kind, part, rest: trimmed(once(&rest)) }
}

/// The words of every folder that is not called as the one around it: an archive often holds a folder of its own name.
fn once(words: &[Word]) -> Vec<Word> {
    let mut folders: Vec<&[Word]> = words.chunk_by(|one, next| one.component == next.component).collect();
    folders.dedup_by(|one, before| one.iter().map(|word| &word.lower).eq(before.iter().map(|word| &word.lower)));
    folders.concat()
}

/// The words without fillers at either end.
pub(super) fn trimmed(mut words: Vec<Word>) -> Vec<Word> {
    let filler = |word: Option<&Word>| word.is_some_and(|word| FILLERS.contains(&word.lower.as_str()));
    while filler(words.last()) {
        words.pop();
    }
    let first = words.iter().position(|word| !filler(Some(word))).unwrap_or(words.len());
    words.drain(..first);
    words
}

fn kind_of(word: &str, documents: &[&str], queries: &[&str]) -> Option<Kind> {
    match () {
        () if documents.contains(&word) => Some(Kind::Documents),
        () if queries.contains(&word) => Some(Kind::Queries),
        () => None,
    }
}

/// Whether a word says which part of a split rows are of.
pub(super) fn is_part(word: &str) -> bool {
    part_of(word).is_some()
}

fn part_of(word: &str) -> Option<Part> {
    match () {
        () if TRAIN.contains(&word) => Some(Part::Train),
        () if VAL.contains(&word) => Some(Part::Val),
        () if TEST.contains(&word) => Some(Part::Test),
        () => None,
    }
}

impl Use {
    /// What a column is called that is for this.
    pub fn column(self) -> &'static str {
        match self {
            Self::Ids => "id",
            Self::Labels => "label",
            Self::Tasks => "task",
            Self::Texts => "text",
        }
    }

    pub fn plural(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Labels => "labels",
            Self::Tasks => "tasks",
            Self::Texts => "texts",
        }
    }
}

impl Kind {
    pub fn plural(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Queries => "queries",
        }
    }
}

impl Part {
    /// To stand before a noun.
    pub fn adjective(self) -> &'static str {
        match self {
            Self::Train => "training ",
            Self::Val => "validation ",
            Self::Test => "test ",
        }
    }
}

#[cfg(test)]
mod tests;
