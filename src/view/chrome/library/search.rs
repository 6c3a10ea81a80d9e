//! How the library is searched. A person with a problem writes a sentence, so words need not all be found: what has most of those that
//! tell systems apart comes up, the more telling place first, and after it whatever is of a kind of change that a word stands for.

use crate::view::few::sort_few;
use protocol::{Catalogue, MethodCard, UpgradeKind};

/// Words that say nothing of a problem.
const FILLERS: [&str; 40] = [
    "a", "after", "all", "am", "an", "and", "are", "be", "been", "by", "can", "do", "for", "from", "got", "had", "has",
    "have", "how", "i", "in", "is", "it", "must", "my", "not", "of", "on", "our", "s", "so", "that", "the", "them",
    "to", "too", "was", "we", "what", "with",
];

/// Words that people say, and what stands here in their place.
const SAME: [(&str, &str); 3] = [("expensive", "costs"), ("costly", "costs"), ("search", "index")];

/// Shortest beginning that two words of one stem share.
const STEM: usize = 4;
/// Letters of the longer of them that may come after it.
const ENDING: usize = 5;

/// What a word of the query is looked for in, the most telling first, with what a find there counts.
fn places(card: &MethodCard) -> [(u32, String); 5] {
    let claims = card.claims.iter().map(|claim| claim.text.as_str());
    let rest: Vec<&str> = [card.kind.about(), card.comparison.as_str()].into_iter().chain(claims).collect();
    [
        (8, format!("{} {}", card.name, card.id)),
        (6, phrases(card.kind)),
        (4, card.paper.clone()),
        (2, card.summary.clone()),
        (1, rest.join(" ")),
    ]
}

/// Title, name and problems of a kind.
fn phrases(kind: UpgradeKind) -> String {
    format!("{} {} {}", kind.title(), kind.word(), kind.problems().join(" "))
}

/// The words of a text in lower case, with the hyphens in them; figures and letters that are hard to type as their plain ones.
fn asked(text: &str) -> Vec<String> {
    let plain = |letter: char| match letter {
        '\u{b2}' => "2".to_owned(),
        '\u{3b1}' => "alpha".to_owned(),
        '\u{3bb}' => "lambda".to_owned(),
        '-' | '\u{2010}' | '\u{2011}' => "-".to_owned(),
        letter if letter.is_alphanumeric() => letter.to_lowercase().to_string(),
        _ => " ".to_owned(),
    };
    let text: String = text.chars().map(plain).collect();
    text.split_whitespace().map(|word| word.trim_matches('-').to_owned()).filter(|word| !word.is_empty()).collect()
}

/// The words that are found in a text: of one with hyphens its parts, and all of it without them.
fn words(text: &str) -> Vec<String> {
    let forms = |word: String| {
        let whole = word.contains('-').then(|| word.replace('-', ""));
        word.split('-').map(str::to_owned).chain(whole).collect::<Vec<_>>()
    };
    asked(text).into_iter().flat_map(forms).collect()
}

/// Whether a word of a text is the one that is looked for: it begins with it, or both have one stem.
fn is_like(word: &str, wanted: &str) -> bool {
    let shared = word.chars().zip(wanted.chars()).take_while(|(one, other)| one == other).count();
    let (one, other) = (word.chars().count(), wanted.chars().count());
    let is_stem = shared >= STEM.max(one.min(other).saturating_sub(2)) && one.max(other) <= shared + ENDING;
    word.starts_with(wanted) || is_stem
}

/// Whether words are among them what is looked for: it, with its hyphens or without, or what it stands for.
fn has(words: &[String], wanted: &str) -> bool {
    let there = |wanted: &str| words.iter().any(|word| is_like(word, wanted));
    let same = SAME.iter().find(|(word, _)| *word == wanted).map(|(_, same)| *same);
    there(&wanted.replace('-', "")) || (wanted.contains('-') && wanted.split('-').all(there)) || same.is_some_and(there)
}

/// What a query finds.
pub(super) struct Ranked<'c> {
    /// The methods, the best first.
    pub methods: Vec<&'c MethodCard>,
    /// Whether one of them has all words.
    pub whole: bool,
    /// The kinds that it asks for and of which there is no method.
    pub absent: Vec<UpgradeKind>,
}

/// What the query finds. Everything in its order if it says nothing.
pub(super) fn ranked<'c>(catalogue: &'c Catalogue, query: &str) -> Ranked<'c> {
    let said = asked(query);
    let telling: Vec<&String> = said.iter().filter(|word| !FILLERS.contains(&word.as_str())).collect();
    let wanted = if telling.is_empty() { said.iter().collect() } else { telling };
    if wanted.is_empty() {
        return Ranked { methods: in_order(catalogue), whole: true, absent: Vec::new() };
    }
    // What each word counts for each method, 0 where it is not found.
    let count = |card: &MethodCard| -> Vec<u32> {
        let places = places(card).map(|(counts, text)| (counts, words(&text)));
        let best = |word: &str| places.iter().find(|(_, words)| has(words, word)).map_or(0, |(counts, _)| *counts);
        wanted.iter().map(|word| best(word)).collect()
    };
    let counted: Vec<(&MethodCard, Vec<u32>)> =
        in_order(catalogue).into_iter().map(|card| (card, count(card))).collect();
    // A word that most methods have does not tell them apart.
    let found = |word: usize| counted.iter().filter(|(_, counts)| counts.get(word).is_some_and(|&it| it > 0)).count();
    let rare: Vec<usize> = (0..wanted.len()).filter(|&word| 2 * found(word) <= counted.len()).collect();
    let decisive = if rare.is_empty() { (0..wanted.len()).collect() } else { rare };
    // A word that stands for few kinds of change asks for all that is of them.
    let there: Vec<UpgradeKind> = catalogue.kinds().collect();
    let stand_for = |word: &String| -> Vec<UpgradeKind> {
        there.iter().copied().filter(|kind| has(&words(&phrases(*kind)), word)).collect()
    };
    let meant: Vec<UpgradeKind> =
        wanted.iter().map(|word| stand_for(word)).filter(|kinds| 2 * kinds.len() <= there.len()).flatten().collect();
    let covers = |counts: &[u32]| decisive.iter().filter(|&&word| counts.get(word).is_some_and(|&it| it > 0)).count();
    let most = counted.iter().map(|(_, counts)| covers(counts)).max().unwrap_or_default();
    // How many of the words each has, and what they count.
    let mut kept: Vec<((usize, u32), &MethodCard)> = counted
        .iter()
        .filter(|(card, counts)| (most > 0 && covers(counts) == most) || meant.contains(&card.kind))
        .map(|(card, counts)| ((counts.iter().filter(|&&it| it > 0).count(), counts.iter().sum()), *card))
        .collect();
    sort_few(&mut kept, |(score, _)| std::cmp::Reverse(*score));
    let whole = kept.first().is_some_and(|((has, _), _)| *has == wanted.len());
    let asks = |kind: &UpgradeKind| {
        let phrases = words(&phrases(*kind));
        wanted.iter().all(|word| has(&phrases, word))
    };
    let absent = UpgradeKind::ALL.into_iter().filter(|kind| !there.contains(kind)).filter(asks).collect();
    Ranked { methods: kept.into_iter().map(|(_, card)| card).collect(), whole, absent }
}

/// Kind by kind, and within a kind in the order of the catalogue.
fn in_order(catalogue: &Catalogue) -> Vec<&MethodCard> {
    catalogue.kinds().flat_map(|kind| catalogue.methods.iter().filter(move |card| card.kind == kind)).collect()
}
