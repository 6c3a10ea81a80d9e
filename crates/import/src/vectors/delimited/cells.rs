//! The cells of a table, and what stands in one.

use super::super::error::VectorsError;
use super::super::lines::{Lines, trim_end};

/// A line of a table.
pub(super) struct Row {
    /// Where it begins, from 1.
    pub line: usize,
    pub cells: Vec<String>,
}

/// Lines of a table.
pub(super) struct Table<'a> {
    lines: Lines<'a>,
    /// What stands between cells; told by the first line.
    delimiter: Option<u8>,
    tabs: bool,
}

impl<'a> Table<'a> {
    pub fn new(lines: Lines<'a>, path: &str) -> Self {
        let lower = path.to_lowercase();
        let tabs = [".tsv", ".tsv.gz", ".tab"].iter().any(|end| lower.ends_with(end));
        Self { lines, delimiter: None, tabs }
    }

    /// The next line that is not empty.
    pub fn next(&mut self) -> Result<Option<Row>, VectorsError> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if !self.lines.append(&mut line)? {
                return Ok(None);
            }
            let number = self.lines.number;
            let tabs = self.tabs;
            let delimiter = *self.delimiter.get_or_insert_with(|| delimiter(&line, tabs));
            // A quoted cell can go on over lines; in what tabs part, quotes are letters.
            while delimiter != b'\t' && line.iter().filter(|&&byte| byte == b'"').count() % 2 == 1 {
                if !self.lines.append(&mut line)? {
                    return Err(self.lines.fault("a quote is opened and never closed"));
                }
            }
            trim_end(&mut line);
            if !line.trim_ascii().is_empty() {
                return Ok(Some(Row { line: number, cells: split(&line, delimiter) }));
            }
        }
    }
}

/// A tab where there is one, else the more frequent of comma and semicolon outside of quotes.
fn delimiter(line: &[u8], tabs: bool) -> u8 {
    if tabs || line.contains(&b'\t') {
        return b'\t';
    }
    let mut quoted = false;
    let (mut commas, mut semicolons) = (0, 0);
    for byte in line {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

/// The cells of a line: those in quotes without them, with doubled quotes single.
fn split(line: &[u8], delimiter: u8) -> Vec<String> {
    if delimiter == b'\t' {
        let bare = |cell: &str| {
            let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
            inner.map_or_else(|| cell.to_owned(), |inner| inner.replace("\"\"", "\""))
        };
        return line.split(|&byte| byte == delimiter).map(|cell| bare(&text(cell))).collect();
    }
    let (mut cells, mut cell) = (Vec::new(), Vec::new());
    let mut rest = line;
    let mut quoted = false;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' if quoted && after.first() == Some(&b'"') => {
                cell.push(b'"');
                rest = after.get(1..).unwrap_or_default();
            }
            b'"' if quoted => quoted = false,
            b'"' if cell.iter().all(u8::is_ascii_whitespace) => {
                cell.clear();
                quoted = true;
            }
            _ if byte == delimiter && !quoted => cells.push(text(&std::mem::take(&mut cell))),
            _ => cell.push(byte),
        }
    }
    cells.push(text(&cell));
    cells
}

/// UTF-8, or where it is none, Latin-1.
fn text(cell: &[u8]) -> String {
    std::str::from_utf8(cell).map_or_else(|_| cell.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}

/// A number; NaN where a cell says that there is none.
pub(super) fn number(cell: &str) -> Option<f32> {
    let cell = cell.trim();
    match cell.to_ascii_lowercase().as_str() {
        "" | "nan" | "null" | "none" | "na" => (!cell.is_empty()).then_some(f32::NAN),
        _ => cell.parse::<f64>().ok().map(|number| number as f32),
    }
}

/// The numbers of a cell that holds two or more, parted by commas, semicolons or spaces, with or without brackets, as lists, NumPy and
/// databases write them; none where it is something else.
///
/// # Errors
/// It is a list of numbers that is cut short, as a part of a sentence.
pub(in super::super) fn vector(cell: &str) -> Result<Option<Vec<f32>>, String> {
    let cell = cell.trim();
    // `array([0.1, 0.2], dtype=float32)`, `tensor([0.1])`, `{0.1,0.2}`, `(0.1, 0.2)`.
    let start = cell.find(['[', '{']).or_else(|| cell.starts_with('(').then_some(0));
    let end = cell.rfind([']', '}']).or_else(|| cell.ends_with(')').then(|| cell.len() - 1));
    let (inner, list) = match (start, end) {
        (Some(start), Some(end)) if start < end => (cell.get(start + 1..end).unwrap_or_default(), true),
        _ => (cell, false),
    };
    let inner = inner.trim_matches(['[', ']', ' ', '\n', '\r']);
    let mut numbers = Vec::new();
    for part in inner.split([',', ';', ' ', '\t', '\n', '\r']).filter(|part| !part.is_empty()) {
        if list && !numbers.is_empty() && (part == "..." || part == "\u{2026}") {
            return Err(
                "a vector is cut short (`...`); print it in full, such as with json.dumps(vector.tolist())".to_owned()
            );
        }
        // `np.float64(0.1)`.
        let bare = part.split_once('(').map_or(part, |(_, rest)| rest.trim_end_matches(')'));
        match number(bare) {
            Some(number) => numbers.push(number),
            None => return Ok(None),
        }
    }
    Ok((numbers.len() >= 2).then_some(numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_parted_and_unquoted() {
        let of = |line: &str, delimiter: u8| split(line.as_bytes(), delimiter).join("|");
        assert_eq!(of("a,\"b, \"\"c\"\"\",,d", b','), "a|b, \"c\"||d");
        assert_eq!(of("a\t\"b\"\t5\" pipe", b'\t'), "a|b|5\" pipe");
        assert_eq!(of(" \"a\" ,b", b','), "a |b");
        assert_eq!(
            (delimiter(b"id;vector", false), delimiter(b"a\tb,c", false), delimiter(b"a", true)),
            (b';', b'\t', b'\t')
        );
        assert_eq!(delimiter(b"\"a;b;c\",d", false), b',');
    }

    #[test]
    fn vectors_are_read_as_everyone_writes_them() {
        for cell in [
            "[0.5, -1]",
            "0.5 -1",
            " [ 0.5  -1. ]\n",
            "[0.5\n -1]",
            "array([0.5, -1.], dtype=float32)",
            "[np.float64(0.5), np.float64(-1.0)]",
            "{0.5,-1}",
            "(0.5, -1)",
            "tensor([0.5000, -1.0000])",
            "[[0.5, -1]]",
            "0.5;-1",
        ] {
            assert_eq!(vector(cell), Ok(Some(vec![0.5, -1.0])), "{cell}");
        }
        for cell in ["", "0.5", "[0.5]", "[...] and so on [1]", "a b", "[\"a\", \"b\"]", "2024-01-01", "]["] {
            assert_eq!(vector(cell), Ok(None), "{cell}");
        }
        assert!(vector("[0.1 0.2 ... 0.9]").unwrap_err().starts_with("a vector is cut short"));
        assert!(vector("[1, nan]").unwrap().unwrap()[1].is_nan());
    }
}
