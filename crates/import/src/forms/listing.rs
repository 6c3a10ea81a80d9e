//! A table of the classes of images that lie in one folder or in none: a row for each, with its file name and its label.

use std::collections::{HashMap, HashSet};

use csv::{ByteRecord, ReaderBuilder};

use super::table::delimiter;
use crate::dataset::select::Gathered;
use crate::error::ImportError;
use crate::input::kind::Sorted;
use crate::input::path::{Part, part_of};
use crate::input::store::{HEAD, Store};
use crate::{limits, words};

/// More columns than these are pixels.
const COLUMNS: usize = 64;
/// Rows that are looked at to see what a table is.
const LOOKED_AT: usize = 8;
/// Names of the column of labels, the likeliest first.
const LABELS: [&str; 7] = ["label", "labels", "class", "classes", "category", "target", "y"];

/// What a table says of an image.
struct Row {
    label: String,
    part: Option<Part>,
    /// Whether another row says something else of it.
    disputed: bool,
    images: Vec<usize>,
}

/// Of the tables those that name images. What a contest hands out to be filled in names images too, with labels of no meaning.
pub(crate) fn find(store: &mut Store, sorted: &Sorted) -> Vec<usize> {
    let images: HashSet<String> =
        sorted.images.iter().flat_map(|&index| keys(store.path(index)).last().into_iter().flatten()).collect();
    let mut found = Vec::new();
    for &index in &sorted.tables {
        if file_name(store.path(index)).contains("submission") {
            continue;
        }
        let head = store.head(index);
        // The last line may be cut.
        let whole = if head.len() < HEAD { Some(head.len()) } else { head.iter().rposition(|&byte| byte == b'\n') };
        let rows = rows(head.get(..whole.unwrap_or_default()).unwrap_or_default());
        let names_one = |row: &ByteRecord| row.iter().any(|cell| images.contains(file_name(&text(cell))));
        if rows.take(LOOKED_AT).filter_map(Result::ok).any(|row| (2..=COLUMNS).contains(&row.len()) && names_one(&row))
        {
            found.push(index);
        }
    }
    found
}

/// The images by the labels of the tables, in the order of `images`.
pub(crate) fn read(
    store: &mut Store,
    images: &[usize],
    tables: &[usize],
    notices: &mut Vec<String>,
) -> Result<Gathered<usize>, ImportError> {
    let mut listed: HashMap<String, Row> = HashMap::new();
    let known: HashSet<String> = images.iter().flat_map(|&index| keys(store.path(index)).flatten()).collect();
    let mut empty = 0;
    for &index in tables {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        empty += table(&path, &bytes, &known, &mut listed, notices)?;
    }
    let mut without: Vec<usize> = Vec::new();
    for &index in images {
        let path = store.path(index);
        let part = part_of(path);
        let fits = |row: &Row| row.part.is_none() || part.is_none() || row.part == part;
        let key = keys(path).flatten().find(|key| listed.get(key).is_some_and(fits));
        match key.and_then(|key| listed.get_mut(&key)) {
            Some(row) => row.images.push(index),
            None => without.push(index),
        }
    }
    let mut found: Vec<(usize, Row)> = Vec::new();
    let (mut unclear, mut unused) = (Vec::new(), 0);
    for row in listed.into_values() {
        match *row.images.as_slice() {
            [] => unused += 1,
            [image] if !row.disputed => found.push((image, row)),
            ref images => unclear.extend_from_slice(images),
        }
    }
    if let ([], Some(&table), Some(&image)) = (found.as_slice(), tables.first(), images.first()) {
        let (path, image) = (store.path(table).to_owned(), file_name(store.path(image)).to_owned());
        return Err(ImportError::Unlisted { path, images: words::count(images.len(), "image"), image });
    }
    found.sort_by_key(|(image, _)| *image);
    unclear.sort_unstable();
    let list = |of: &[usize]| words::list(of.iter().map(|&index| store.path(index)), "");
    let mut told = |count: usize, said: String| {
        if count > 0 {
            notices.push(said);
        }
    };
    told(without.len(), format!("Images with no label in a table were left out: {}.", list(&without)));
    told(
        unclear.len(),
        format!(
            "Images of which a table says several things, or with one name for several, were left out: {}.",
            list(&unclear)
        ),
    );
    told(unused, format!("Rows of the table that name no image here: {unused}."));
    told(empty, format!("Rows of the table without a label: {empty}."));
    let mut gathered = Gathered::new();
    for (image, row) in found {
        gathered.add(&row.label, row.part.or_else(|| part_of(store.path(image))), image);
    }
    Ok(gathered)
}

/// Takes in a table; how many of its rows have no label.
fn table(
    path: &str,
    bytes: &[u8],
    known: &HashSet<String>,
    listed: &mut HashMap<String, Row>,
    notices: &mut Vec<String>,
) -> Result<usize, ImportError> {
    let mut all = Vec::new();
    for row in rows(bytes) {
        all.push(row.map_err(|reason| ImportError::Csv { path: path.to_owned(), reason })?);
    }
    let names_one = |cell: &[u8]| known.contains(&text(cell));
    let width = all.first().map_or(0, ByteRecord::len);
    let hits = |column: usize| all.iter().filter(|row| row.get(column).is_some_and(names_one)).count();
    // The first of the best, as of two columns that both name images.
    let file = (0..width).rev().max_by_key(|&column| hits(column)).unwrap_or_default();
    let header = all.first().filter(|first| !first.get(file).is_some_and(names_one));
    let names: Vec<String> = header.map(|row| row.iter().map(text).collect()).unwrap_or_default();
    let named = LABELS.iter().find_map(|label| names.iter().position(|name| name == label));
    let other = || (width == 2).then(|| 1 - file.min(1));
    let Some(label) = named.filter(|&label| label != file).or_else(other) else {
        let header = words::list(names.iter().map(String::as_str), "(nothing)");
        return Err(ImportError::CsvLabel { path: path.to_owned(), header });
    };
    let called = |column: usize| match names.get(column) {
        Some(name) if !name.is_empty() => name.clone(),
        _ => format!("column {}", column + 1),
    };
    notices.push(format!("The classes of images are as {path} says: {} by {}.", called(label), called(file)));
    let (mut empty, part) = (0, Part::of_file(path));
    for row in all.iter().skip(usize::from(header.is_some())) {
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let own = String::from_utf8_lossy(cell(label).trim_ascii()).into_owned();
        if own.is_empty() {
            empty += 1;
            continue;
        }
        match listed.get_mut(&text(cell(file))) {
            Some(row) => row.disputed |= row.label != own,
            None => {
                listed.insert(text(cell(file)), Row { label: own, part, disputed: false, images: Vec::new() });
            }
        }
    }
    Ok(empty)
}

fn rows(bytes: &[u8]) -> impl Iterator<Item = csv::Result<ByteRecord>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    reader.into_byte_records()
}

/// A cell as names are compared: in lower case, with `/` between folders.
fn text(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell.trim_ascii()).to_lowercase().replace('\\', "/");
    text.strip_prefix("./").map(str::to_owned).unwrap_or(text)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What a table can call the image at `path`, by its end, the longest first, each with its extension and without.
fn keys(path: &str) -> impl Iterator<Item = [String; 2]> {
    let path = path.to_lowercase();
    let starts: Vec<usize> = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1)).collect();
    starts.into_iter().map(move |start| {
        let end = path.get(start..).unwrap_or_default();
        let stem = end.rsplit_once('.').map_or(end, |(stem, _)| stem);
        [end.to_owned(), stem.to_owned()]
    })
}
