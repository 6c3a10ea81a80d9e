//! Short texts that apply a bridge: loaders of its file, and clients of vector stores.
//!
//! Each is made of a template, which is a file of its language beside this one. `@NAME@` is filled in. Lines between the comments
//! `@if WORD ...` and `@end` stay where all the words hold:
//!
//! | word | holds where |
//! | --- | --- |
//! | `queries`, `gallery` | the bridge goes in this direction |
//! | `affine`, `steps` | the bridge is one weight and bias, or more than that |
//! | `small` | pgvector can index the mapped vectors |

use super::affine::affine;
use super::{Leaving, SAFETENSORS_FILE, word};

/// Most numbers of a vector that pgvector can put into an index.
const PGVECTOR_INDEXED: usize = 2000;

/// A text that applies a bridge.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Snippet {
    /// What it is for: `numpy`, `pytorch`, `rust`, `pgvector`, `qdrant`, `qdrant-rest`, `faiss` or `lancedb`.
    pub name: &'static str,
    /// The file that it should be kept in, in one folder with those of the bridge.
    pub file: String,
    /// The text.
    pub text: String,
}

/// What a snippet is made of.
struct Template {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    /// How a name is written within a text between quotes.
    escape: fn(&str) -> String,
    /// The word that must hold for it to be offered.
    when: Option<&'static str>,
}

const TEMPLATES: [Template; 9] = [
    Template { name: "numpy", file: "bridge_numpy.py", text: include_str!("numpy.py"), escape: python, when: None },
    Template {
        name: "pytorch",
        file: "bridge_pytorch.py",
        text: include_str!("pytorch.py"),
        escape: python,
        when: None,
    },
    Template { name: "rust", file: "bridge.rs", text: include_str!("rust.rs"), escape: rust, when: None },
    Template {
        name: "pgvector",
        file: "bridge_pgvector.sql",
        text: include_str!("pgvector.sql"),
        escape: sql,
        when: Some("affine"),
    },
    Template {
        name: "pgvector",
        file: "bridge_pgvector.py",
        text: include_str!("pgvector.py"),
        escape: python,
        when: Some("steps"),
    },
    Template { name: "qdrant", file: "bridge_qdrant.py", text: include_str!("qdrant.py"), escape: python, when: None },
    Template {
        name: "qdrant-rest",
        file: "bridge_qdrant_rest.py",
        text: include_str!("qdrant_rest.py"),
        escape: python,
        when: None,
    },
    Template { name: "faiss", file: "bridge_faiss.py", text: include_str!("faiss.py"), escape: python, when: None },
    Template {
        name: "lancedb",
        file: "bridge_lancedb.py",
        text: include_str!("lancedb.py"),
        escape: python,
        when: None,
    },
];

/// The texts for a bridge. They take its files to lie beside them: [`SAFETENSORS_FILE`], and `weight.npy` and `bias.npy` where there are.
pub fn snippets(l: &Leaving<'_>) -> Vec<Snippet> {
    let mut words = vec![word(l.direction), if affine(l.map).is_some() { "affine" } else { "steps" }];
    if l.map.to <= PGVECTOR_INDEXED {
        words.push("small");
    }
    let offered = TEMPLATES.iter().filter(|template| template.when.is_none_or(|when| words.contains(&when)));
    let filled = offered.map(|template| {
        let values = [
            ("FROM", (template.escape)(l.from)),
            ("TO", (template.escape)(l.to)),
            ("FROM_DIMS", l.map.from.to_string()),
            ("TO_DIMS", l.map.to.to_string()),
            ("DIRECTION", word(l.direction).to_owned()),
            ("SAFETENSORS", SAFETENSORS_FILE.to_owned()),
        ];
        let text = fill(&chosen(template.text, &words), &values);
        Snippet { name: template.name, file: template.file.to_owned(), text }
    });
    filled.collect()
}

/// The lines whose words all hold.
fn chosen(template: &str, words: &[&str]) -> String {
    let mut text = String::with_capacity(template.len());
    // Whether each block that is open holds.
    let mut open: Vec<bool> = Vec::new();
    for line in template.lines() {
        let comment = line.trim_start_matches(['#', '-', '/', ' ']);
        if let Some(needed) = comment.strip_prefix("@if ") {
            open.push(needed.split(' ').all(|word| words.contains(&word)));
        } else if comment == "@end" {
            open.pop();
        } else if open.iter().all(|&holds| holds) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The text with each `@NAME@` filled in. What was filled in is not looked at again, and any other `@` stays.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        text.push_str(before);
        let named = after.split_once('@').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        rest = match named {
            Some((value, after)) => {
                text.push_str(value);
                after
            }
            None => {
                text.push('@');
                after
            }
        };
    }
    text.push_str(rest);
    text
}

/// A name within quotes of Python: anything but letters, digits and printable ASCII by its number.
///
/// Comments hold names, too, so a line must not end in one.
fn python(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            letter if letter.is_alphanumeric() => text.push(letter),
            letter if (letter as u32) < 0x1_0000 => text.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => text.push_str(&format!("\\U{:08x}", letter as u32)),
        }
    }
    text
}

/// A name within double quotes of Rust.
fn rust(name: &str) -> String {
    name.escape_debug().to_string()
}

/// A name within single quotes of SQL, which has no escapes there: what ends a line or turns text around becomes a space.
fn sql(name: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let printable = |letter: char| if letter.is_control() || turns(letter) { ' ' } else { letter };
    name.chars().map(printable).collect::<String>().replace('\'', "''")
}

#[cfg(test)]
mod tests;
