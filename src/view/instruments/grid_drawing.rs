//! A grid as an SVG document of its own, for files.

use std::fmt::Write as _;

use super::grid::{Cell, Grid, Mark};
use crate::view::draw::figure::escaped;
use crate::view::draw::theme::{Palette, Rgb, css};

/// Greatest share of its colour that a cell has: text on it stays readable.
pub const DEEPEST: f64 = 0.34;

/// Width of a column and letters in a line of its name.
const COLUMN: (usize, usize) = (104, 15);
/// Height of a row of cells in pixels.
const ROW: usize = 42;
/// Height of a line of text in pixels.
const LINE: usize = 16;
/// Space around everything and between cells in pixels.
const GAP: usize = 4;
/// Width of a letter in pixels, as it is in the common sans-serif faces.
const LETTER: f64 = 0.55 * 12.0;

/// The document of a grid, with title and caption.
pub fn document(grid: &Grid, palette: &Palette) -> String {
    let heads: Vec<Vec<String>> = grid.columns.iter().map(|name| lines(name, COLUMN.1)).collect();
    let longest = grid.rows.iter().map(|row| row.name.chars().count()).chain([grid.row_of.chars().count() + 2]).max();
    // Names are short; the number is far below the greatest.
    let side = (LETTER * longest.unwrap_or_default() as f64).ceil() as usize + 2 * GAP;
    let width = (side + grid.columns.len() * (COLUMN.0 + GAP) + 2 * GAP).max(320);
    let letters = (width as f64 / LETTER) as usize;
    let caption = lines(&format!("{}. {}", grid.title, grid.caption), letters.saturating_sub(2));
    let top = GAP + LINE * heads.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let bottom = top + GAP + grid.rows.len() * (ROW + GAP);
    let height = bottom + LINE * caption.len() + 2 * GAP;
    let mut body = String::new();
    let left = |column: usize| side + GAP + column * (COLUMN.0 + GAP);
    text(&mut body, GAP, top - 4, "start", &format!("{} \u{2193}", grid.row_of));
    for (column, lines) in heads.iter().enumerate() {
        for (at, line) in lines.iter().rev().enumerate() {
            text(&mut body, left(column) + COLUMN.0 / 2, top - 4 - at * LINE, "middle", line);
        }
    }
    for (row, it) in grid.rows.iter().enumerate() {
        let above = top + GAP + row * (ROW + GAP);
        text(&mut body, GAP, above + ROW / 2 + 4, "start", &it.name);
        for (column, cell) in it.cells.iter().enumerate() {
            cell_at(&mut body, cell.as_ref(), grid.judged, palette, (left(column), above));
        }
    }
    for (at, line) in caption.iter().enumerate() {
        text(&mut body, GAP, bottom + (at + 1) * LINE, "start", line);
    }
    let (ground, ink) = (css(palette.surface), css(palette.ink));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<title>{}. {}</title>
<rect width="{width}" height="{height}" fill="{ground}"/>
<g font-family="sans-serif" font-size="12" fill="{ink}">{body}</g></svg>
"#,
        escaped(&grid.title),
        escaped(&grid.caption)
    )
}

fn cell_at(body: &mut String, cell: Option<&Cell>, judged: bool, palette: &Palette, (x, y): (usize, usize)) {
    let (wide, middle) = (COLUMN.0, x + COLUMN.0 / 2);
    let Some(Cell { text: number, depth, mark }) = cell else {
        let line = css(palette.grid);
        // To a string nothing fails.
        let _ =
            write!(body, r#"<rect x="{x}" y="{y}" width="{wide}" height="{ROW}" rx="5" fill="none" stroke="{line}"/>"#);
        return text(body, middle, y + ROW / 2 + 4, "middle", "\u{2013}");
    };
    let tint = if judged { palette.cross } else { palette.new };
    let fill = css(mixed(palette.grid, tint, DEEPEST * depth.clamp(0.0, 1.0)));
    let _ = write!(body, r#"<rect x="{x}" y="{y}" width="{wide}" height="{ROW}" rx="5" fill="{fill}"/>"#);
    let note = match mark {
        Mark::None => String::new(),
        Mark::Best | Mark::Change(Some(true), _) => "\u{25b2}".to_owned(),
        Mark::Worst | Mark::Change(Some(false), _) => "\u{25bc}".to_owned(),
        Mark::Change(None, _) => String::new(),
    };
    let change = if let Mark::Change(_, change) = mark { change.as_str() } else { "" };
    text(body, middle, y + 18, "middle", number);
    text(body, middle, y + 34, "middle", &format!("{note}{change}"));
}

fn text(body: &mut String, x: usize, y: usize, anchor: &str, words: &str) {
    if !words.is_empty() {
        // To a string nothing fails.
        let _ = write!(body, r#"<text x="{x}" y="{y}" text-anchor="{anchor}">{}</text>"#, escaped(words));
    }
}

/// So much of the second colour over the first.
fn mixed(ground: Rgb, tint: Rgb, share: f64) -> Rgb {
    // Between two bytes lies a byte.
    let mix = |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
    (mix(ground.0, tint.0), mix(ground.1, tint.1), mix(ground.2, tint.2))
}

/// A text in lines of so many letters, broken between words where it can be.
fn lines(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= letters) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::knowledge;

    #[test]
    fn a_document_has_every_number_its_mark_and_what_was_measured() {
        let log = knowledge();
        let grid = Grid::of(&log, &log.tables[0]);
        for palette in [Palette::LIGHT, Palette::DARK] {
            let text = document(&grid, &palette);
            for part in [
                ">75.0</text>",
                ">\u{25bc}\u{2212}25.0</text>",
                ">\u{2013}</text>",
                ">task 2: Bag</text>",
                ">Model \u{2193}</text>",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            assert!(text.contains("<title>Accuracy by task. Share of right") && !text.contains("style="), "{text}");
            assert_eq!(text.matches("<rect ").count(), 5, "the ground and four cells");
        }
    }

    #[test]
    fn long_names_take_lines() {
        assert_eq!(lines("task 1: T-shirt/top, Trouser", 15), ["task 1:", "T-shirt/top,", "Trouser"]);
        assert_eq!(lines("", 15), [""; 0]);
        assert_eq!(mixed((0, 100, 255), (100, 0, 255), 0.5), (50, 50, 255));
    }
}
