//! Texts that ship with the page as files of their own, so that no program holds them: sections, each with settings and paragraphs.
//!
//! ```text
//! ## id: Title
//! key: value
//!
//! A paragraph of words, [terms](id) and {numbers}.
//! ```
//!
//! What stands before the first section is for those who write it.

use crate::view::terms::Term;

/// A section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its name.
    pub id: String,
    /// What stands above it.
    pub title: String,
    settings: Vec<(String, String)>,
    /// What it says.
    pub paragraphs: Vec<String>,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words as they are.
    Words(String),
    /// A term, and how it is written here.
    Term(Term, String),
    /// A number of the run that the section is about, by what it is.
    Number(String),
}

/// A text that is not written as these are.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No section.
    #[error("it has no section")]
    Empty,
    /// A section without a name or title.
    #[error("its line {0} begins a section without a name or a title")]
    Heading(usize),
}

impl Section {
    /// The first setting of this name.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Every setting of this name, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.settings.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The names of its settings.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().map(|(key, _)| key.as_str())
    }
}

/// The sections of a text.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Vec<Section>, TextError> {
    let mut sections: Vec<Section> = Vec::new();
    // Settings end with the first empty line, paragraphs with every one.
    let (mut settings, mut within) = (false, false);
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            let (id, title) = heading.split_once(": ").ok_or(TextError::Heading(at + 1))?;
            sections.push(Section { id: id.to_owned(), title: title.to_owned(), ..Section::default() });
            (settings, within) = (true, false);
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        match line.split_once(": ") {
            _ if line.is_empty() => (settings, within) = (false, false),
            Some((key, value)) if settings => section.settings.push((key.to_owned(), value.to_owned())),
            _ => match section.paragraphs.last_mut().filter(|_| within) {
                Some(paragraph) => {
                    paragraph.push(' ');
                    paragraph.push_str(line);
                }
                None => {
                    section.paragraphs.push(line.to_owned());
                    (settings, within) = (false, true);
                }
            },
        }
    }
    if sections.is_empty() { Err(TextError::Empty) } else { Ok(sections) }
}

/// A paragraph in pieces. What is no term and no number is words.
pub fn pieces(paragraph: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = paragraph;
    while let Some(at) = rest.find(['[', '{']) {
        let (before, from) = rest.split_at(at);
        words.push_str(before);
        let (piece, after) = match number(from).or_else(|| term(from)) {
            Some((piece, after)) => (Some(piece), after),
            None => (None, from.get(1..).unwrap_or_default()),
        };
        match piece {
            Some(piece) => {
                pieces.extend((!words.is_empty()).then(|| Piece::Words(std::mem::take(&mut words))));
                pieces.push(piece);
            }
            None => words.extend(from.chars().next()),
        }
        rest = after;
    }
    words.push_str(rest);
    pieces.extend((!words.is_empty()).then_some(Piece::Words(words)));
    pieces
}

/// `{what}` and what follows.
fn number(text: &str) -> Option<(Piece, &str)> {
    let (what, after) = text.strip_prefix('{')?.split_once('}')?;
    Some((Piece::Number(what.to_owned()), after))
}

/// `[words](id)` and what follows.
fn term(text: &str) -> Option<(Piece, &str)> {
    let (words, from) = text.strip_prefix('[')?.split_once("](")?;
    let (id, after) = from.split_once(')')?;
    Some((Piece::Term(Term::of_id(id)?, words.to_owned()), after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_its_sections_with_settings_and_paragraphs() {
        let text = "# For those who write\n\n## one: The first: part\nrun: chain\nexpect: a > b\nexpect: c > d\n\nWords over\n\
                    two lines: more.\n\nAnd another.\n## two: Second\n\nWords.";
        let sections = read(text).unwrap();
        assert_eq!(sections[0].title, "The first: part");
        assert_eq!(sections[0].setting("run"), Some("chain"));
        assert_eq!(sections[0].all("expect").collect::<Vec<_>>(), ["a > b", "c > d"]);
        assert_eq!(sections[0].paragraphs, ["Words over two lines: more.", "And another."]);
        assert_eq!((sections[1].id.as_str(), sections[1].setting("run")), ("two", None));
    }

    #[test]
    fn what_is_no_text_of_this_kind_is_refused() {
        assert_eq!(read("words"), Err(TextError::Empty));
        assert_eq!(read("\n## nameless"), Err(TextError::Heading(2)));
    }

    #[test]
    fn a_paragraph_has_terms_and_numbers_in_it() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let expected = [
            words("By "),
            Piece::Term(Term::Map, "mAP".to_owned()),
            words(" it finds "),
            Piece::Number("map v2/v1".to_owned()),
            words(" [of] (all) {"),
        ];
        assert_eq!(pieces("By [mAP](map) it finds {map v2/v1} [of] (all) {"), expected);
        assert_eq!(pieces("[mAP](nothing)"), [words("[mAP](nothing)")]);
    }

    proptest! {
        #[test]
        fn nothing_of_a_paragraph_is_lost(paragraph in "[a-z{}\\[\\]() é]{0,40}") {
            let back = |piece: Piece| match piece {
                Piece::Words(words) => words,
                Piece::Term(term, words) => format!("[{words}]({})", term.id()),
                Piece::Number(what) => format!("{{{what}}}"),
            };
            prop_assert_eq!(pieces(&paragraph).into_iter().map(back).collect::<String>(), paragraph);
        }

        #[test]
        fn no_text_makes_it_fail_otherwise_than_by_an_error(text in "(## |[a-z: \n]){0,40}") {
            let _ = read(&text);
        }
    }
}
