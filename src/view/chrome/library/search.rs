//! How the library is searched. A person with a problem writes a sentence, so words need not all be found: what has most of those that
//! tell systems apart comes up, the more telling place first.

use protocol::{Catalogue, MethodCard, UpgradeKind};

/// Words that say nothing of a problem.
const FILLERS: [&str; 38] = [
    "a", "all", "am", "an", "and", "are", "be", "been", "by", "can", "do", "for", "from", "had", "has", "have", "how",
    "i", "in", "is", "it", "must", "my", "not", "of", "on", "our", "s", "so", "that", "the", "them", "to", "too",
    "was", "we", "what", "with",
];

/// Shortest beginning that two words of one stem share.
const STEM: usize = 4;

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

/// Title and problems of a kind.
fn phrases(kind: UpgradeKind) -> String {
    format!("{} {}", kind.title(), kind.problems().join(" "))
}

/// The words of a text in lower case; figures and letters that are hard to type as their plain ones.
fn words(text: &str) -> Vec<String> {
    let plain = |letter: char| match letter {
        '\u{b2}' => "2".to_owned(),
        '\u{3b1}' => "alpha".to_owned(),
        '\u{3bb}' => "lambda".to_owned(),
        letter if letter.is_alphanumeric() => letter.to_lowercase().to_string(),
        _ => " ".to_owned(),
    };
    let text: String = text.chars().map(plain).collect();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether a word of a text is the one that is looked for: it begins with it, or both have one stem.
fn is_like(word: &str, wanted: &str) -> bool {
    let shared = word.chars().zip(wanted.chars()).take_while(|(one, other)| one == other).count();
    let shorter = word.chars().count().min(wanted.chars().count());
    word.starts_with(wanted) || shared >= STEM.max(shorter.saturating_sub(2))
}

fn has(words: &[String], wanted: &str) -> bool {
    words.iter().any(|word| is_like(word, wanted))
}

/// The methods that the query finds, the best first, and the kinds that it asks for and of which there is none. Everything in its order
/// if it says nothing.
pub(super) fn ranked<'c>(catalogue: &'c Catalogue, query: &str) -> (Vec<&'c MethodCard>, Vec<UpgradeKind>) {
    let said = words(query);
    let telling: Vec<&String> = said.iter().filter(|word| !FILLERS.contains(&word.as_str())).collect();
    let wanted = if telling.is_empty() { said.iter().collect() } else { telling };
    if wanted.is_empty() {
        return (in_order(catalogue), Vec::new());
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
    let covers = |counts: &[u32]| decisive.iter().filter(|&&word| counts.get(word).is_some_and(|&it| it > 0)).count();
    let most = counted.iter().map(|(_, counts)| covers(counts)).max().unwrap_or_default();
    let mut kept: Vec<(u32, &MethodCard)> = counted
        .iter()
        .filter(|(_, counts)| most > 0 && covers(counts) == most)
        .map(|(card, counts)| (counts.iter().sum(), *card))
        .collect();
    kept.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let there: Vec<UpgradeKind> = catalogue.kinds().collect();
    let asks = |kind: &UpgradeKind| {
        let phrases = words(&phrases(*kind));
        wanted.iter().all(|word| has(&phrases, word))
    };
    let absent = UpgradeKind::ALL.into_iter().filter(|kind| !there.contains(kind)).filter(asks).collect();
    (kept.into_iter().map(|(_, card)| card).collect(), absent)
}

/// Kind by kind, and within a kind in the order of the catalogue.
fn in_order(catalogue: &Catalogue) -> Vec<&MethodCard> {
    catalogue.kinds().flat_map(|kind| catalogue.methods.iter().filter(move |card| card.kind == kind)).collect()
}
