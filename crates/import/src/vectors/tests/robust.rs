//! Damaged files of every form are told, whatever is wrong with them.

use data::gzip;
use proptest::prelude::*;
use safetensors::{Dtype, serialize, tensor::TensorView};

use super::*;
use crate::testing::zip;

/// Whole sets, one for each form; the damage is done to the last file.
fn sets() -> Vec<Vec<NamedFile>> {
    let (old, new) = (array(6, 3, 1), array(6, 4, 2));
    let archive =
        zip([("old.npy", old.as_slice()), ("new.npy", new.as_slice()), ("ids.npy", strings(&ids("d", 6)).as_slice())]);
    let bytes = |count: usize| vec![0x3cu8; count];
    let (first, second, marks) = (bytes(24), bytes(48), bytes(12));
    let views = [
        ("old", TensorView::new(Dtype::F16, vec![6, 2], &first).unwrap()),
        ("new", TensorView::new(Dtype::F32, vec![6, 2], &second).unwrap()),
        ("labels", TensorView::new(Dtype::U8, vec![6, 2], &marks).unwrap()),
    ];
    let tensors = serialize(views, None).unwrap();
    let line = |row: usize| {
        format!("{{\"id\": \"d{row}\", \"old\": [{row}, 1.5, -2], \"new\": [3, {row}.25], \"labels\": [\"a\", {row}]}}")
    };
    let lines = (0..6).map(line).collect::<Vec<_>>();
    let cells =
        (0..6).map(|row| format!("d{row},\"[{row}, 1.5]\",{row},{row}.5,\"a \"\"b\"\"\"\n")).collect::<String>();
    let queries = || {
        vec![
            named("corpus_old.npy", array(6, 3, 1)),
            named("corpus_new.npy", array(6, 4, 2)),
            named("queries_old.npy", array(3, 3, 3)),
            named("queries_new.npy", array(3, 4, 4)),
        ]
    };
    let and = |mut files: Vec<NamedFile>, path: &str, bytes: Vec<u8>| {
        files.push(named(path, bytes));
        files
    };
    vec![
        vec![named("new.npy", new.clone()), named("old.npy", old.clone())],
        vec![named("new.npy", new.clone()), named("old.npy.gz", gzip(&old).unwrap())],
        vec![named("pair.npz", archive.clone())],
        vec![named("all.zip", zip([("deep/pair.npz", archive.as_slice())]))],
        vec![named("pair.safetensors", tensors)],
        vec![named("e.jsonl", lines.join("\n"))],
        vec![named("e.json", format!("[{}]", lines.join(",")))],
        vec![named("e.csv", format!("id,old,new_0,new_1,label\n{cells}"))],
        vec![named("e.tsv", "id\told\tnew\na\t[1, 2]\t[3, 4]\nb\t[5, 6]\t[7, 8]\n")],
        and(queries(), "qrels/test.tsv", b"query-id\tcorpus-id\tscore\n0\t3\t1\n2\t5\t0\n".to_vec()),
        and(queries(), "qrels.json", b"{\"0\": {\"3\": 1}, \"1\": {\"5\": 2}}".to_vec()),
        and(pair(6), "labels.txt", b"a\nb\na\nb\nc\nc\n".to_vec()),
        and(pair(6), "labels.npy", strings(&ids("x", 6))),
        vec![named("e.parquet", include_bytes!("fixtures/snappy.parquet").as_slice())],
        vec![named("e.parquet", include_bytes!("fixtures/varied.parquet").as_slice())],
        vec![named("e.feather", include_bytes!("fixtures/lz4.feather").as_slice())],
        vec![named("e.arrows", include_bytes!("fixtures/varied.arrows").as_slice())],
        and(pair(6), "labels.csv", b"id,label\n0,a\n1,b\n2,a\n3,b\n4,c\n5,c\n".to_vec()),
    ]
}

#[test]
fn every_set_is_taken_as_long_as_it_is_whole() {
    for files in sets() {
        let path = files.last().map(|file| file.path.clone()).unwrap();
        assert!(matches!(all(files), Gathered::Case { .. }), "{path}");
    }
}

proptest! {
    // Each case packs and reads whole sets.
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damaged_files_never_panic(
        set in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), value: u8, insert: bool, cut in prop::option::of(any::<prop::sample::Index>())
    ) {
        let sets = sets();
        let mut files = sets[set.index(sets.len())].clone();
        if let Some(file) = files.last_mut() {
            let place = at.index(file.bytes.len());
            match insert {
                true => file.bytes.insert(place, value),
                false => file.bytes[place] = value,
            }
            if let Some(cut) = cut {
                file.bytes.truncate(cut.index(file.bytes.len()));
            }
        }
        let _ = gather(files, &Gathering { rows: 4, ..Gathering::default() }, &mut |_| {});
    }

    #[test]
    fn arbitrary_files_never_panic(
        files in prop::collection::vec(
            ("(old|new|corpus|queries|labels|ids|qrels|a)", "\\.(npy|npz|zip|safetensors|jsonl|json|csv|tsv|txt|gz|parquet|npy\\.gz)", prop::collection::vec(any::<u8>(), 0..200), any::<bool>()),
            0..4
        )
    ) {
        let file = |(stem, end, bytes, text): (String, String, Vec<u8>, bool)| {
            // Letters reach further into parsers of text than bytes do.
            let letters = b"[]{}:,\"'0123456789.-e \t\nabqd";
            let bytes = if text { bytes.iter().map(|&byte| letters[usize::from(byte) % letters.len()]).collect() } else { bytes };
            named(&format!("{stem}{end}"), bytes)
        };
        let _ = gather(files.into_iter().map(file).collect(), &Gathering::default(), &mut |_| {});
    }

    #[test]
    fn the_order_of_files_does_not_matter(files in Just(sets()[9].clone()).prop_shuffle()) {
        prop_assert_eq!(all(files), all(sets()[9].clone()));
    }
}
