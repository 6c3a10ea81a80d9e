//! Files of columns, as `fixtures/make_columns.py` makes them.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        named($name, include_bytes!(concat!("fixtures/", $name)).as_slice())
    };
}

/// What the old and the new model make of row `row`.
fn row(row: usize) -> ([f32; 4], [f32; 3]) {
    let of = row as f32;
    ([of, of + 0.5, -of, 1.0], [0.25 * of, 1.0, 2.0])
}

/// Checks that a case has these rows, of which those in `missing` were left out, with labels that begin so.
fn holds(case: &Case, missing: &[usize], label: &str) {
    let rows: Vec<usize> = (0..12).filter(|row| !missing.contains(row)).collect();
    assert_eq!((case.old.name.as_str(), case.new.name.as_str()), ("ada", "small3"));
    assert_eq!(case.documents, rows.iter().map(|row| format!("d{row}")).collect::<Vec<_>>());
    let labels = labels_of(case);
    for (at, &number) in rows.iter().enumerate() {
        let (old, new) = row(number);
        assert_eq!((case.old.documents.row(at), case.new.documents.row(at)), (&old[..], &new[..]), "{number}");
        assert_eq!(labels[at], Some(format!("{label}{}", number % 2).as_str()));
    }
}

fn text_of(case: &Case, row: usize) -> &str {
    &case.beside.texts.as_ref().unwrap().documents[row]
}

#[test]
fn columns_are_read_whatever_they_are_packed_with() {
    for file in [
        fixture!("none.parquet"),
        fixture!("snappy.parquet"),
        fixture!("gzip.parquet"),
        fixture!("zstd.parquet"),
        fixture!("lz4.parquet"),
        fixture!("delta.parquet"),
        fixture!("lz4.feather"),
        fixture!("zstd.feather"),
    ] {
        let path = file.path.clone();
        let (case, with_ids) = with_ids(vec![file]);
        holds(&case, &[], "");
        assert!(with_ids && text_of(&case, 7) == "text 7", "{path}");
        let said =
            format!("{path}/made was left out: its values are nested, and neither numbers, words nor lists of these.");
        assert!(notes(&case, &said), "{:?}", case.notices);
    }
}

#[test]
fn a_data_frame_is_read_by_its_columns() {
    let case = case(vec![fixture!("pandas.parquet")]);
    holds(&case, &[], "");
    assert_eq!(text_of(&case, 11), "text 11");
}

#[test]
fn numbers_of_16_bits_dictionaries_and_missing_rows_are_read() {
    for file in [fixture!("varied.parquet"), fixture!("varied.arrows")] {
        let arrow = file.path.ends_with("arrows");
        let case = case(vec![file]);
        holds(&case, &[3], "l");
        assert!(notes(
            &case,
            "1 of 12 documents were left out, as a number of theirs is NaN, infinite or missing: d3 (small3)."
        ));
        if arrow {
            assert_eq!(text_of(&case, 3), "text 4 that is long");
        }
    }
}

#[test]
fn packed_files_of_columns_are_read() {
    let plain = fixture!("snappy.parquet");
    let packed = vec![named("e.parquet.gz", data::gzip(&plain.bytes).unwrap())];
    holds(&case(packed), &[], "");
    let zipped = crate::testing::zip([("e/snappy.parquet", plain.bytes.as_slice())]);
    holds(&case(vec![named("all.zip", zipped)]), &[], "");
}

#[test]
fn columns_that_are_not_read_are_told() {
    assert_eq!(
        say(vec![fixture!("ragged.parquet")]),
        "ragged.parquet, row 7 (counted from 0): `ada` has 2 numbers, and 4 before; correct it or leave the row out"
    );
    let whole = case(vec![fixture!("bytes.parquet")]);
    assert_eq!((whole.old.documents.row(3), whole.old.name.as_str()), (&[3.0, -3.0][..], "old"));
    let bytes = "holds values of type uint8; they can be whole numbers or packed bits, so save them as int8 or float32, bits with";
    assert!(notes(&whole, &format!("bytes.parquet/ada {bytes}")), "{:?}", whole.notices);
    assert!(say(vec![fixture!("bytes.arrow")]).starts_with(&format!("bytes.arrow/ada {bytes}")));
    let rare = case(with(pair(4), vec![fixture!("brotli.parquet")]));
    assert!(
        notes(&rare, "brotli.parquet is packed with BROTLI, which is not read here; save it anew, with"),
        "{:?}",
        rare.notices
    );
}

#[test]
fn files_that_are_cut_short_are_told() {
    let say_of = |path: &str, bytes: &[u8]| say(vec![named(path, bytes)]);
    for file in [fixture!("snappy.parquet"), fixture!("lz4.feather"), fixture!("varied.arrows")] {
        for cut in [9, 100, file.bytes.len() / 2, file.bytes.len() - 1] {
            // A stream can end after any message.
            let Err(fault) = gather(vec![named(&file.path, &file.bytes[..cut])], &Gathering::default(), &mut |_| {})
            else {
                assert!(file.path.ends_with("arrows") && cut + 1 == file.bytes.len(), "{} {cut}", file.path);
                continue;
            };
            assert!(fault.to_string().contains("cannot be read as"), "{} {cut}: {fault}", file.path);
        }
    }
    assert!(say_of("a.parquet", b"").contains("cannot be read as Parquet: it is cut short"));
    let long = say_of("a.parquet", b"PAR1\0\0\0\x01PAR1");
    assert!(long.starts_with("a.parquet has a longer footer than can be read (at most 4 MB)"), "{long}");
    // A batch that says it has a gigabyte.
    let mut message = fixture!("varied.arrows").bytes;
    message.truncate(200);
    message.splice(4..8, 0x40_00_00_00u32.to_le_bytes());
    let long = say_of("a.arrows", &message);
    assert!(long.starts_with("a.arrows has a longer header of a message than can be read (at most 4 MB)"), "{long}");
}
