//! The report as one HTML file: no scripts, nothing fetched, drawings as SVG within it.

use super::content::{Part, Section, Table, sections, title};
use super::measured;
use crate::Case;
use crate::study::Study;
use crate::verdict::Verdict;

/// Colours as the page has them, light and dark; drawings take theirs from here.
const STYLE: &str = include_str!("style.css");

/// The report as one self-contained HTML file, for light and dark and for narrow windows. Names and ids are escaped.
pub fn html(study: &Study, verdict: &Verdict, case: &Case) -> String {
    let case = measured(study, case);
    let title = escape(&title(study, verdict));
    let sections: String = sections(study, verdict, &case).iter().map(written).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{sections}</main>\n</body>\n</html>\n"
    )
}

fn written(section: &Section) -> String {
    let title = escape(&section.title);
    let parts: String = section.parts.iter().map(|part| write(part, &title)).collect();
    format!("<section>\n<h2>{title}</h2>\n{parts}</section>\n")
}

/// A part of the section of this title, which is escaped.
fn write(part: &Part, title: &str) -> String {
    match part {
        Part::Lead(sentence) => format!("<p class=\"lead\">{}</p>\n", escape(sentence)),
        Part::Text(sentence) => format!("<p>{}</p>\n", escape(sentence)),
        Part::List(of, sentences) => {
            let items: String = sentences.iter().map(|sentence| format!("<li>{}</li>\n", escape(sentence))).collect();
            format!("<h3>{}</h3>\n<ul>\n{items}</ul>\n", escape(of))
        }
        Part::Table(table) => scrolled(table, title),
        Part::Drawing(figure) => figure.clone(),
    }
}

/// A table in a region of its own, which keyboards reach, so that a wide one does not widen the page.
fn scrolled(Table { head, rows }: &Table, title: &str) -> String {
    let columns = head.len();
    let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell))).collect();
    let row = |cells: &Vec<String>| {
        let last = cells.len().saturating_sub(1);
        let cells = cells.iter().enumerate().map(|(at, cell)| match (at, cell.as_str()) {
            (0, name) => format!("<th scope=\"row\">{}</th>", escape(name)),
            (_, cell) if at == last && at + 1 < columns => {
                format!("<td class=\"wide\" colspan=\"{}\">{}</td>", columns - at, escape(cell))
            }
            (_, cell) => format!("<td>{}</td>", escape(cell)),
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"table\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\">\n<table>\n<thead><tr>{head}</tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

/// Text as HTML shows it, in elements and in quoted attributes. Control characters, which HTML does not allow, become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_makes_no_elements() {
        assert_eq!(escape("<b a='1' c=\"2\">&\u{0}</b>"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp; &lt;/b&gt;");
        assert_eq!(escape("d\u{202f}é \u{2192} 猫"), "d\u{202f}é \u{2192} 猫");
    }

    #[test]
    fn the_first_cell_names_its_row() {
        let cells = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
        let table = Table { head: cells(&["a", "b"]), rows: vec![cells(&["1", "<"])] };
        let text = scrolled(&table, "t");
        assert!(text.contains("<tr><th scope=\"row\">1</th><td>&lt;</td></tr>"), "{text}");
        assert!(text.contains("<thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead>"), "{text}");
        let table = Table { head: cells(&["a", "b", "c", "d"]), rows: vec![cells(&["1", "why not"])] };
        let text = scrolled(&table, "t");
        assert!(
            text.contains("<tr><th scope=\"row\">1</th><td class=\"wide\" colspan=\"3\">why not</td></tr>"),
            "{text}"
        );
    }
}
