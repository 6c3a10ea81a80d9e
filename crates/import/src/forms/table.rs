//! CSV tables, one image a row: a label and every pixel.

use csv::{ByteRecord, ReaderBuilder};
use data::ImageShape;

use super::arrays::{Arrays, Batch, Names};
use crate::error::ImportError;
use crate::input::path::Part;
use crate::input::store::Store;
use crate::{limits, words};

/// Names of columns that are no pixels but tell an image, or its part, in words or numbers.
const ABOUT: [&str; 12] =
    ["", "id", "ids", "index", "idx", "image_id", "imageid", "image", "file", "filename", "usage", "unnamed: 0"];

/// Reads the tables at `indices`. One without labels (such as the test part of a competition) is left
/// out where there are others.
pub(crate) fn read(store: &mut Store, indices: &[usize], notices: &mut Vec<String>) -> Result<Arrays, ImportError> {
    let mut names = Names::default();
    let (mut batches, mut unlabelled) = (Vec::new(), Vec::new());
    for &index in indices {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        match table(&path, &bytes, &mut names, notices) {
            Ok(batch) => batches.push(batch),
            Err(fault @ ImportError::CsvLabel { .. }) => unlabelled.push(fault),
            Err(fault) => return Err(fault),
        }
    }
    if batches.is_empty()
        && let Some(fault) = unlabelled.pop()
    {
        return Err(fault);
    }
    notices.extend(unlabelled.into_iter().map(|fault| format!("A table was left out: {fault}.")));
    Ok(Arrays { batches, names: names.names })
}

fn table(path: &str, bytes: &[u8], names: &mut Names, notices: &mut Vec<String>) -> Result<Batch, ImportError> {
    let fault = |reason| ImportError::Csv { path: path.to_owned(), reason };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().has_headers(false).delimiter(delimiter(bytes)).from_reader(bytes);
    let mut row = ByteRecord::new();
    let mut more = reader.read_byte_record(&mut row).map_err(fault)?;
    // Pixels are numbers, so words in their place are a header; so is one of numbers with a `label` among them.
    let labelled = row.iter().position(|cell| cell.trim_ascii().eq_ignore_ascii_case(b"label"));
    let header = labelled.is_some() || row.iter().skip(1).any(is_word);
    let label_column = if header {
        let Some(found) = labelled else {
            let cells: Vec<_> = row.iter().map(String::from_utf8_lossy).collect();
            let header = words::list(cells.iter().map(AsRef::as_ref), "(nothing)");
            return Err(ImportError::CsvLabel { path: path.to_owned(), header });
        };
        found
    } else {
        0
    };
    let about: Vec<(usize, String)> = match header {
        true => {
            row.iter().enumerate().map(|(column, cell)| (column, String::from_utf8_lossy(cell).into_owned())).collect()
        }
        false => Vec::new(),
    };
    let is_about = |name: &str| ABOUT.contains(&name.trim().to_lowercase().as_str());
    let about: Vec<(usize, String)> =
        about.into_iter().filter(|(column, name)| *column != label_column && is_about(name)).collect();
    let columns = row.len().saturating_sub(1 + about.len());
    let shape = shape(columns).ok_or_else(|| ImportError::CsvColumns { path: path.to_owned(), columns })?;
    if header {
        more = reader.read_byte_record(&mut row).map_err(fault)?;
    }
    let (mut labels, mut pixels) = (Vec::new(), Vec::new());
    while more {
        let line = row.position().map_or(0, csv::Position::line);
        for (column, cell) in row.iter().enumerate() {
            if column == label_column {
                let name = String::from_utf8_lossy(cell.trim_ascii());
                if name.is_empty() {
                    return Err(ImportError::CsvNoLabel { path: path.to_owned(), line });
                }
                labels.push(names.place(&name));
            } else if about.iter().any(|(left, _)| *left == column) {
            } else if let Some(value) = pixel(cell) {
                pixels.push(value);
            } else {
                let found = String::from_utf8_lossy(cell).chars().take(40).collect();
                return Err(ImportError::CsvPixel { path: path.to_owned(), line, column: column + 1, found });
            }
        }
        more = reader.read_byte_record(&mut row).map_err(fault)?;
    }
    if !about.is_empty() {
        let list: Vec<&str> = about.iter().map(|(_, name)| if name.is_empty() { "(no name)" } else { name }).collect();
        notices.push(format!("Columns of {path} that are no pixels were left out: {}.", list.join(", ")));
    }
    Ok(Batch { path: path.to_owned(), part: Part::of_file(path), shape, labels, bytes: pixels, lead: 0 })
}

/// What stands between cells: a comma, or what some spreadsheets write in its place.
pub(crate) fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|delimiter| line.contains(delimiter)).unwrap_or(b',')
}

fn pixel(cell: &[u8]) -> Option<u8> {
    std::str::from_utf8(cell).ok()?.trim().parse().ok()
}

fn is_word(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    !cell.is_empty() && !std::str::from_utf8(cell).is_ok_and(|cell| cell.parse::<f64>().is_ok())
}

/// The square image of so many pixels: grey where that is possible, else in colour.
fn shape(pixels: usize) -> Option<ImageShape> {
    let square = |plane: usize, channels| {
        let side = plane.isqrt();
        (side > 0 && side * side == plane).then_some(ImageShape { channels, height: side, width: side })
    };
    square(pixels, 1).or_else(|| square(pixels / 3, 3).filter(|_| pixels.is_multiple_of(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> String {
        table("a.csv", text.as_bytes(), &mut Names::default(), &mut Vec::new())
            .err()
            .map(|fault| fault.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn rows_are_read_with_and_without_a_header() {
        let mut names = Names::default();
        let plain = table("a.csv", b"cat,0,1,2,3\ndog,4,5,6,255\ncat,0,0,0,0\n", &mut names, &mut Vec::new()).unwrap();
        assert_eq!((plain.shape.channels, plain.shape.height), (1, 2));
        assert_eq!(plain.labels, [0, 1, 0]);
        assert_eq!(plain.bytes, [0, 1, 2, 3, 4, 5, 6, 255, 0, 0, 0, 0]);
        let headed =
            table("test.csv", b"\xef\xbb\xbfp1;p2;p3;Label\r\n1; 2;3;dog\r\n", &mut names, &mut Vec::new()).unwrap();
        assert_eq!((headed.shape.channels, headed.shape.height), (3, 1));
        assert_eq!((headed.labels, headed.bytes, headed.part), (vec![1], vec![1, 2, 3], Some(Part::Test)));
        assert_eq!(names.names, ["cat", "dog"]);
    }

    #[test]
    fn numbers_can_be_a_header() {
        let batch = table("a.csv", b"label,0,1,2,3\n7,9,8,7,6\n", &mut Names::default(), &mut Vec::new()).unwrap();
        assert_eq!((batch.labels, batch.bytes), (vec![0], vec![9, 8, 7, 6]));
    }

    #[test]
    fn grey_is_preferred() {
        assert_eq!(shape(784).map(|shape| (shape.channels, shape.width)), Some((1, 28)));
        assert_eq!(shape(3072).map(|shape| (shape.channels, shape.width)), Some((3, 32)));
        assert_eq!(shape(9).map(|shape| (shape.channels, shape.width)), Some((1, 3)));
        assert_eq!(shape(0), None);
        assert_eq!(shape(785), None);
    }

    #[test]
    fn faults_name_line_and_column() {
        assert_eq!(
            say("label,a\n0,5\n1,256\n"),
            "a.csv, line 3, column 2: `256` is not a whole number from 0 to 255; correct it or leave the line out"
        );
        assert!(say("0,0.5\n").starts_with("a.csv, line 1, column 2: `0.5` is not"), "{}", say("0,0.5\n"));
        assert_eq!(say("label,a\n ,5\n"), "a.csv, line 2: the label is empty; fill it in or leave the line out");
        assert!(say("id,a,b\n1,2,3\n").starts_with("a.csv has no column `label` (its header begins id, a, b)"));
        assert!(say("0,1,2\n").starts_with("a.csv has 2 pixel columns, which make no square image"));
        assert!(say("").starts_with("a.csv has 0 pixel columns"));
        let ragged = say("0,1,2,3,4\n0,1\n");
        assert!(ragged.starts_with("a.csv cannot be read as CSV: CSV error: record 1 (line: 2"), "{ragged}");
    }
}
