//! The report as Markdown, with tables as GitHub writes them.

use super::content::{Part, Table, sections, title};
use super::measured;
use crate::Case;
use crate::study::Study;
use crate::verdict::Verdict;

/// The report as Markdown. Names and ids are escaped, so that they make no links, markup or cells.
pub fn markdown(study: &Study, verdict: &Verdict, case: &Case) -> String {
    let case = measured(study, case);
    let mut text = format!("# {}\n", escape(&title(study, verdict)));
    for section in sections(study, verdict, &case) {
        text.push_str(&format!("\n## {}\n", escape(&section.title)));
        for part in &section.parts {
            text.push_str(&write(part));
        }
    }
    text
}

/// A part with an empty line before it.
fn write(part: &Part) -> String {
    match part {
        Part::Lead(sentence) => format!("\n**{}**\n", escape(sentence)),
        Part::Text(sentence) => format!("\n{}\n", escape(sentence)),
        Part::List(of, sentences) => {
            let items: String = sentences.iter().map(|sentence| format!("- {}\n", escape(sentence))).collect();
            format!("\n{}:\n\n{items}", escape(of))
        }
        Part::Table(Table { head, rows }) => {
            let line = |cells: &[String]| {
                let cells: String = cells.iter().map(|cell| format!(" {} |", escape(cell))).collect();
                format!("|{cells}\n")
            };
            // Markdown has no cells that go over several columns.
            let rows: String = rows
                .iter()
                .map(|row| {
                    let mut cells = row.clone();
                    cells.resize(head.len().max(row.len()), String::new());
                    line(&cells)
                })
                .collect();
            format!("\n{}|{}\n{rows}", line(head), " --- |".repeat(head.len()))
        }
        Part::Drawing(_) => String::new(),
    }
}

/// Text as Markdown shows it, on one line and within one cell.
///
/// Brackets stay where they make no link, since every interval has them, and so do lines within words.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied();
        let in_word = [before, after].iter().all(|beside| beside.is_some_and(char::is_alphanumeric));
        match letter {
            '\\' | '|' | '*' | '`' | '~' => out.extend(['\\', letter]),
            '_' if !in_word => out.push_str("\\_"),
            '(' | ':' | '[' if before == Some(']') => out.extend(['\\', letter]),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
        before = Some(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_makes_no_markup() {
        assert_eq!(escape("0.358 [0.341, 0.375] of all_MiniLM"), "0.358 [0.341, 0.375] of all_MiniLM");
        assert_eq!(escape("[a](javascript:b)|c\nd"), "[a]\\(javascript:b)\\|c d");
        assert_eq!(escape("_a_ *b* `c` <script> &lt; [a][b] [a]: x"), {
            "\\_a\\_ \\*b\\* \\`c\\` &lt;script> &amp;lt; [a]\\[b] [a]\\: x"
        });
    }

    #[test]
    fn tables_have_a_line_under_their_head() {
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let table = Table { head: cells(["a", "b|c"]), rows: vec![cells(["1", "2"]), vec!["3".to_owned()]] };
        assert_eq!(write(&Part::Table(table)), "\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 |\n| 3 |  |\n");
        let list = Part::List("Because".to_owned(), vec!["It is so.".to_owned(), "*".to_owned()]);
        assert_eq!(write(&list), "\nBecause:\n\n- It is so.\n- \\*\n");
    }
}
