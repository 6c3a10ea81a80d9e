//! The field cases, each by its name: what their owners expect.

use super::*;
use crate::testing::zip;

#[test]
fn e01_ada002_to_3small() {
    let case = case(vec![
        named("text-embedding-3-small.npy", halves(24, 1536, 1)),
        named("text-embedding-ada-002.npy", halves(24, 1536, 2)),
        named("labels.npy", turns(24)),
    ]);
    assert_eq!((case.old.name.as_str(), case.new.name.as_str()), ("text-embedding-ada-002", "text-embedding-3-small"));
    assert_eq!((case.old.documents.dims(), case.documents.len(), case.queries.len()), (1536, 24, 0));
    assert_eq!(labels_of(&case)[..5], [Some("0"), Some("1"), Some("2"), Some("3"), Some("0")]);
    assert!(notes(
        &case,
        "The old model is text-embedding-ada-002 and the new one text-embedding-3-small: it is known when"
    ));
}

#[test]
fn e02_the_order_is_not_that_of_the_alphabet() {
    let new = numbers(120, 32, 1);
    let case = case(vec![
        named("text-embedding-3-small.npy", rows(32, &new)),
        named("text-embedding-ada-002.npy", array(120, 24, 2)),
        named("labels.npy", turns(120)),
    ]);
    assert_eq!((case.old.documents.dims(), case.new.documents.dims()), (24, 32));
    assert_eq!(case.new.documents.numbers(), new);
}

#[test]
fn e03_3072_dims() {
    let files = vec![
        named("old.npy", halves(16, 1536, 1)),
        named("new.npy", halves(16, 3072, 2)),
        named("labels.npy", turns(16)),
    ];
    let case = case(files);
    assert_eq!((case.old.documents.dims(), case.new.documents.dims()), (1536, 3072));
}

#[test]
fn e05_no_labels() {
    let case = case(pair(120));
    assert_eq!((case.relevance, case.documents.len(), case.queries.len()), (Relevance::Unknown, 120, 0));
}

/// Arrays of a set as BEIR has them; `order` of its queries.
fn beir() -> Vec<NamedFile> {
    let lines = |prefix: &str| -> String {
        ids(prefix, 70).iter().map(|id| format!("{{\"_id\": \"{id}\", \"text\": \"a text\"}}\n")).collect()
    };
    let judged: String = (0..70).map(|at| format!("q{at}\tdoc{at}\t1\n")).collect();
    vec![
        named("set/corpus_old.npy", array(70, 24, 1)),
        named("set/corpus_new.npy", array(70, 32, 2)),
        named("set/queries_old.npy", array(70, 24, 3)),
        named("set/queries_new.npy", array(70, 32, 4)),
        named("set/corpus.jsonl", lines("doc")),
        named("set/queries.jsonl", lines("q")),
        named("set/qrels/test.tsv", format!("query-id\tcorpus-id\tscore\n{judged}")),
    ]
}

#[test]
fn e06_beir_with_qrels() {
    let (case, with_ids) = with_ids(beir());
    assert_eq!((case.documents[7].as_str(), case.queries[9].as_str(), with_ids), ("doc7", "q9", false));
    let judged = (0..70).map(|at| vec![(at, 1.0)]).collect();
    assert_eq!(case.relevance, Relevance::Judged(judged));
    assert_eq!(case.old.queries.as_ref().unwrap().numbers(), numbers(70, 24, 3));
    assert!(notes(&case, "70 of 70 queries have a relevant document by set/qrels/test.tsv."));
}

/// The same with a text of every row, a label, and a task of every query; rows of the files in another order than the vectors'.
fn beir_with_texts() -> Vec<NamedFile> {
    let turned = |prefix: &str, field: &str| -> String {
        let line = |at: usize| {
            let row = (at * 33 + 5) % 70;
            format!(
                "{{\"_id\": \"{prefix}{row}\", \"title\": \"T{row}\", \"text\": \"{prefix} {row}\", \"label\": \"l{}\"{field}}}\n",
                row % 3
            )
        };
        (0..70).map(line).collect()
    };
    let tasks: String = (0..70).map(|at| format!("{}\n", ["words", "sentences"][at % 2])).collect();
    with(
        beir(),
        vec![
            named("set/corpus.jsonl", turned("doc", ", \"task\": \"none\"")),
            named("set/queries.jsonl", turned("q", "")),
            named("set/corpus_ids.txt", ids("doc", 70).join("\n")),
            named("set/queries_ids.txt", ids("q", 70).join("\n")),
            named("set/queries_task.txt", tasks),
        ],
    )
}

/// Checks that what stands beside a case of [`beir_with_texts`] is still that of each row.
fn belongs(case: &Case) {
    let row = |id: &String| id.trim_start_matches(char::is_alphabetic).parse::<usize>().unwrap();
    let labels = case.beside.labels.as_ref().unwrap();
    let (texts, tasks) = (case.beside.texts.as_ref().unwrap(), case.beside.tasks.as_ref().unwrap());
    let sides = [
        (&case.documents, &labels.documents, &texts.documents, "doc"),
        (&case.queries, &labels.queries, &texts.queries, "q"),
    ];
    for (ids, labels_of, texts_of, prefix) in sides {
        for ((id, label), text) in ids.iter().zip(labels_of).zip(texts_of) {
            let row = row(id);
            assert_eq!(labels.names[label.unwrap() as usize], format!("l{}", row % 3));
            assert_eq!(*text, format!("T{row}: {prefix} {row}"));
        }
    }
    for (id, task) in case.queries.iter().zip(&tasks.of) {
        assert_eq!(tasks.names[task.unwrap() as usize], ["words", "sentences"][row(id) % 2]);
    }
}

#[test]
fn what_stands_beside_vectors_stays_with_its_rows() {
    let whole = case(beir_with_texts());
    assert_eq!((whole.documents.len(), whole.queries.len()), (70, 70));
    assert!(matches!(whole.relevance, Relevance::Judged(_)));
    belongs(&whole);
    assert!(notes(&whole, "Tasks are of queries, so those of documents were left out."), "{:?}", whole.notices);

    let (mut documents, mut queries) = (numbers(70, 32, 2), numbers(70, 24, 3));
    (documents[7 * 32], queries[5 * 24 + 1]) = (f32::NAN, f32::NAN);
    let holes =
        vec![named("set/corpus_new.npy", rows(32, &documents)), named("set/queries_old.npy", rows(24, &queries))];
    let files = with(beir_with_texts(), holes);
    let without = case(files.clone());
    assert_eq!((without.documents.len(), without.queries.len()), (69, 69));
    belongs(&without);
    let Gathered::Case { case: fewer, .. } =
        gather(files, &Gathering { rows: 12, ..Gathering::default() }, &mut |_| {}).unwrap()
    else {
        panic!("asked")
    };
    assert!(fewer.documents.len() <= 12);
    belongs(&fewer);
}

#[test]
fn texts_and_labels_by_place_where_nothing_else_has_ids() {
    let mut files = beir_with_texts();
    files.retain(|file| !file.path.ends_with("_ids.txt"));
    let case = case(files);
    assert_eq!(case.documents[0], "doc5");
    let texts = case.beside.texts.unwrap();
    assert_eq!((texts.documents[0].as_str(), texts.queries[1].as_str()), ("T5: doc 5", "T38: q 38"));
    assert_eq!(case.beside.tasks.unwrap().names, ["words", "sentences"]);
}

#[test]
fn records_of_vectors_bring_their_texts() {
    let line = |row: usize, model: &str, dims: usize| {
        let vector = format!("{:?}", &numbers(40, dims, 3)[row * dims..(row + 1) * dims]);
        format!(
            "{{\"id\": \"d{row}\", \"text\": \"{model} {row}\", \"label\": \"{}\", \"vector\": {vector}}}\n",
            row % 2
        )
    };
    let old: String = (0..40).map(|row| line(row, "old", 8)).collect();
    let new: String = (0..40).rev().map(|row| line(row, "new", 6)).collect();
    let case = case(vec![named("old.jsonl", old), named("new.jsonl", new)]);
    let texts = case.beside.texts.unwrap();
    assert_eq!((texts.documents[39].as_str(), texts.queries.len()), ("old 39", 0));
    assert_eq!((case.beside.labels, case.beside.tasks), (None, None));
}

#[test]
fn e07_labels_that_are_ids_of_documents() {
    let twice: Vec<String> = ids("doc", 70).into_iter().chain(ids("doc", 70)).collect();
    let case = case(with(pair(140), vec![named("labels.npy", strings(&twice))]));
    assert_eq!((case.documents.len(), case.queries.len()), (70, 70));
    assert_eq!(case.relevance, Relevance::Judged((0..70).map(|at| vec![(at, 1.0)]).collect()));
    assert_eq!(case.new.queries.as_ref().unwrap().row(0), &numbers(140, 32, 2)[70 * 32..71 * 32]);
}

#[test]
fn e09_disjoint_classes() {
    let classes = |from: u8| labels(&(0..100).map(|row| from + row % 5).collect::<Vec<u8>>());
    let case = case(vec![
        named("old_train.npy", array(100, 24, 1)),
        named("new_train.npy", array(100, 32, 2)),
        named("old_test.npy", array(100, 24, 3)),
        named("new_test.npy", array(100, 32, 4)),
        named("labels_train.npy", classes(0)),
        named("labels_test.npy", classes(5)),
    ]);
    assert_eq!((case.documents.len(), case.queries.len()), (200, 0));
    assert_eq!((labels_of(&case)[0], labels_of(&case)[100]), (Some("0"), Some("5")));
    assert!(notes(&case, "hardly any of the training part's") && case.documents[100] == "test 0");
}

#[test]
fn e10_faces_with_few_templates_each() {
    let people: Vec<String> =
        (0..400).flat_map(|person| std::iter::repeat_n(format!("person{person:04}"), 1 + person % 7)).collect();
    let case = case(vec![
        named("arcface.npy", halves(people.len(), 16, 1)),
        named("facenet.npy", halves(people.len(), 16, 2)),
        named("labels.npy", strings(&people)),
    ]);
    assert_eq!((case.old.name.as_str(), case.documents.len()), ("facenet", people.len()));
    assert_eq!(labels_of(&case)[0], Some("person0000"));
}

#[test]
fn e16_int8() {
    let bytes = |dims: usize, salt: u32| {
        let values: Vec<u8> = numbers(120, dims, salt).iter().map(|value| (value * 127.0) as i8 as u8).collect();
        npy("'|i1'", &format!("(120, {dims})"), false, &values)
    };
    let case =
        case(vec![named("old.npy", bytes(24, 1)), named("new.npy", bytes(32, 2)), named("labels.npy", turns(120))]);
    assert_eq!(case.old.documents.row(0)[0], (numbers(1, 1, 1)[0] * 127.0).trunc());
    assert!(notes(&case, "old.npy holds whole numbers of 8 bits (int8): they are compared by their cosine"));
}

#[test]
fn e16b_packed_bits() {
    let bytes = |salt: u32| {
        let values: Vec<u8> = numbers(120, 16, salt).iter().map(|value| (value * 127.0) as i8 as u8).collect();
        npy("'|u1'", "(120, 16)", false, &values)
    };
    let case = case(vec![named("old.npy", bytes(1)), named("new.npy", bytes(2)), named("labels.npy", turns(120))]);
    assert_eq!(case.old.documents.dims(), 128);
    assert!(case.old.documents.numbers().iter().all(|number| number.abs() == 1.0));
    assert!(notes(
        &case,
        "read as packed bits (np.packbits): 128 dims of -1 and 1 each, whose cosine ranks as their Hamming"
    ));
}

#[test]
fn e26b_vectors_in_cells() {
    let cell = |row: usize, dims: usize, salt: u32| {
        let of = numbers(40, dims, salt);
        let list: Vec<String> =
            of[row * dims..(row + 1) * dims].iter().map(|value| format!("np.float64({value})")).collect();
        format!("\"[{}]\"", list.join(", "))
    };
    let lines: String =
        (0..40).map(|row| format!("d{row},{},{},{}\n", row % 2, cell(row, 8, 1), cell(row, 6, 2))).collect();
    let (case, with_ids) = with_ids(vec![named("embeddings.csv", format!("id,label,ada,small3\n{lines}"))]);
    assert_eq!((case.old.name.as_str(), case.new.name.as_str(), with_ids), ("ada", "small3", true));
    assert_eq!(
        (case.old.documents.numbers(), case.new.documents.numbers()),
        (&numbers(40, 8, 1)[..], &numbers(40, 6, 2)[..])
    );
    assert_eq!((case.documents[3].as_str(), labels_of(&case)[3]), ("d3", Some("1")));
}

#[test]
fn e26d_json_lines() {
    let line = |row: usize| {
        let of = |dims: usize, salt: u32| format!("{:?}", &numbers(40, dims, salt)[row * dims..(row + 1) * dims]);
        format!("{{\"id\":\"d{row}\",\"label\":{},\"ada\":{},\"small3\":{}}}\n", row % 2, of(8, 1), of(8, 2))
    };
    let text: String = (0..40).map(line).collect();
    let (case, with_ids) = with_ids(vec![named("embeddings.jsonl", text)]);
    assert_eq!((case.old.name.as_str(), with_ids, labels_of(&case)[1]), ("ada", true, Some("1")));
    assert_eq!(case.new.documents.numbers(), numbers(40, 8, 2));
}

#[test]
fn e26j_labels_of_a_table() {
    let lines: String = (0..40).map(|row| format!("{}\n", row % 2)).collect();
    let plain = case(with(pair(40), vec![named("labels.csv", format!("label\n{lines}"))]));
    assert_eq!(labels_of(&plain)[..3], [Some("0"), Some("1"), Some("0")]);
    let turned: String = (0..40).rev().map(|row| format!("d{row},c{}\n", row % 2)).collect();
    let by_id = vec![named("labels.csv", format!("id,label\n{turned}")), named("ids.txt", ids("d", 40).join("\n"))];
    let by_id = case(with(pair(40), by_id));
    assert_eq!(labels_of(&by_id)[..3], [Some("c0"), Some("c1"), Some("c0")]);
}

#[test]
fn e27_ids_in_another_order() {
    let (old, new) = (numbers(200, 24, 1), numbers(200, 32, 2));
    let names = ids("doc-", 200);
    let order: Vec<usize> = (0..200).map(|at| (at * 77 + 13) % 200).collect();
    let turned: Vec<f32> = order.iter().flat_map(|&row| new[row * 32..(row + 1) * 32].to_vec()).collect();
    let entries = [
        ("old.npy", rows(24, &old)),
        ("old_ids.npy", strings(&names)),
        ("new.npy", rows(32, &turned)),
        ("new_ids.npy", strings(&order.iter().map(|&row| names[row].clone()).collect::<Vec<_>>())),
        ("labels.npy", turns(200)),
    ];
    let archive = zip(entries.iter().map(|(path, bytes)| (*path, bytes.as_slice())));
    let (case, with_ids) = with_ids(vec![named("pair.npz", archive.clone())]);
    assert!(with_ids);
    assert_eq!((case.documents, case.new.documents.numbers()), (names, new.as_slice()));
    assert!(case.notices.iter().any(|notice| notice.contains("labels.npy names no model")), "{:?}", case.notices);
    let nested = zip([("deep/pair.npz", archive.as_slice())]);
    assert_eq!(super::case(vec![named("all.zip", nested)]).new.documents.numbers(), new, "an archive in an archive");
}

#[test]
fn e27c_and_d_the_same_count_without_ids_is_taken_as_it_is() {
    let (_, with_ids) = with_ids(with(pair(200), vec![named("labels.npy", turns(200))]));
    assert!(!with_ids, "so that whoever examines them refuses what is shuffled");
}

#[test]
fn e30_rows_with_nan() {
    let mut new = numbers(120, 32, 2);
    for row in [7, 12, 90] {
        new[row * 32 + row % 32] = f32::NAN;
    }
    let case = case(with(pair(120), vec![named("new.npy", rows(32, &new)), named("labels.npy", turns(120))]));
    assert_eq!((case.documents.len(), case.documents[7].as_str(), labels_of(&case)[7]), (117, "8", Some("0")));
    assert_eq!(case.new.documents.row(7), &new[8 * 32..9 * 32]);
    assert!(notes(
        &case,
        "3 of 120 documents were left out, as a number of theirs is NaN, infinite or missing: 7 (new), 12 (new), 90 (new)."
    ));
}

#[test]
fn e31_and_e32c_zeros_and_huge_norms_are_left_to_the_examination() {
    let mut old = numbers(120, 24, 1);
    old[..4 * 24].fill(0.0);
    old[4 * 24..5 * 24].fill(1e25);
    let case = case(with(pair(120), vec![named("old.npy", rows(24, &old))]));
    assert_eq!((case.documents.len(), case.old.documents.numbers()), (120, old.as_slice()));
}

#[test]
fn e36_several_labels_each() {
    let hot: Vec<u8> = (0..120u8)
        .flat_map(|row| [u8::from(row % 2 == 0), u8::from(row % 3 == 0), 0, u8::from(row % 5 == 4)])
        .collect();
    let case = case(with(pair(120), vec![named("labels.npy", npy("'|u1'", "(120, 4)", false, &hot))]));
    assert_eq!((case.documents.len(), case.queries.len()), (60, 60));
    let Relevance::Shared(judged) = &case.relevance else { panic!("not shared") };
    let set = |id: &String| id.parse::<usize>().map(|row| &hot[row * 4..row * 4 + 4]).unwrap();
    for (query, relevant) in case.queries.iter().zip(judged) {
        let shares = |document: &String| set(query).iter().zip(set(document)).any(|(a, b)| a & b == 1);
        let expected: Vec<(usize, f32)> =
            case.documents.iter().enumerate().filter(|(_, it)| shares(it)).map(|(at, _)| (at, 1.0)).collect();
        assert_eq!(*relevant, expected, "{query}");
    }
    assert!(notes(&case, "Rows have several labels each, so 60 of 120 were drawn by seed 1"));
}

#[test]
fn e37b_labels_in_latin1() {
    let words = [b"W\xe4sche".as_slice(), b"H\xfcte\0\0", b"R\xf6cke\0", b"M\xe4ntel"];
    let bytes: Vec<u8> = (0..120).flat_map(|row| words[row % 4]).copied().collect();
    let case = case(with(pair(120), vec![named("labels.npy", npy("'|S6'", "(120,)", false, &bytes))]));
    assert_eq!(labels_of(&case)[..2], [Some("Wäsche"), Some("Hüte")]);
    assert!(notes(&case, "labels.npy holds bytes that are no UTF-8; they were read as Latin-1."));
}

#[test]
fn e39_extra_arrays() {
    let scores = npy(
        "'<f4'",
        "(120,)",
        false,
        &numbers(120, 1, 9).iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>(),
    );
    let more =
        vec![named("labels.npy", turns(120)), named("ids.npy", strings(&ids("d", 120))), named("scores.npy", scores)];
    let files = with(pair(120), more);
    let archive = zip(files.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())));
    let (case, with_ids) = with_ids(vec![named("pair.npz", archive)]);
    assert_eq!((case.documents[7].as_str(), with_ids), ("d7", false), "ids of both models say nothing of their order");
    assert!(notes(&case, "pair.npz/scores.npy was left out: it has one number a row."));
}

/// Both models' arrays and labels of parts of these lengths.
fn parts(lengths: &[(&str, usize)]) -> Vec<NamedFile> {
    let of = |&(part, count): &(&str, usize)| {
        let salt = part.len() as u32;
        [
            named(&format!("{part}_old.npy"), array(count, 24, salt)),
            named(&format!("{part}_new.npy"), array(count, 32, salt + 9)),
            named(&format!("{part}_labels.npy"), turns(count)),
        ]
    };
    lengths.iter().flat_map(of).collect()
}

#[test]
fn e44_train_val_test() {
    let case = case(parts(&[("train", 160), ("val", 40), ("test", 40)]));
    assert_eq!((case.documents.len(), case.queries.len()), (160, 40));
    assert_eq!(case.old.queries.as_ref().unwrap().numbers(), numbers(40, 24, 4));
    assert!(notes(
        &case,
        "There is a test part, so the validation part was left out: val_old.npy, val_new.npy, val_labels.npy."
    ));
    assert!(matches!(&case.relevance, Relevance::Labels { queries, .. } if queries.len() == 40));
}

#[test]
fn e45_train_dev() {
    let case = case(parts(&[("train", 160), ("dev", 80)]));
    assert_eq!((case.documents.len(), case.queries.len()), (160, 80));
    assert!(notes(&case, "the 80 of the test part the queries"));
}

#[test]
fn e48_the_same_model_twice() {
    let files =
        vec![named("old.npy", array(120, 24, 1)), named("new.npy", array(120, 24, 1)), named("labels.npy", turns(120))];
    let case = case(files);
    assert_eq!(case.old.documents, case.new.documents);
}

#[test]
fn folders_that_are_said_to_be_models() {
    let files = |old: &str, new: &str| {
        vec![
            named(&format!("{old}/corpus.npy"), array(30, 8, 1)),
            named(&format!("{old}/queries.npy"), array(5, 8, 2)),
            named(&format!("{new}/corpus.npy"), array(30, 6, 3)),
            named(&format!("{new}/queries.npy"), array(5, 6, 4)),
            named("qrels/q.txt", "0 0 3 1\n4 0 29 2\n"),
        ]
    };
    let options = Gathering { old: Some("b".into()), new: Some("a".into()), ..Gathering::default() };
    let Gathered::Case { case, .. } = gather(files("b", "a"), &options, &mut |_| {}).unwrap() else { panic!("asked") };
    assert_eq!((case.old.documents.dims(), case.queries.len()), (8, 5));
    assert_eq!(case.relevance, Relevance::Judged(vec![vec![(3, 1.0)], vec![], vec![], vec![], vec![(29, 2.0)]]));
    let Gathered::WhichIsOld { models, why } = all(files("b", "a")) else { panic!("guessed") };
    assert_eq!(
        (models, why.as_str()),
        (vec!["a".to_owned(), "b".into()], "the names of a and b do not tell which is old and which is new")
    );
}

#[test]
fn many_documents_are_drawn_by_seed() {
    let options = |seed: u64| Gathering { rows: 12, seed, ..Gathering::default() };
    let of = |seed: u64| match gather(beir(), &options(seed), &mut |_| {}).unwrap() {
        Gathered::Case { case, .. } => case,
        Gathered::WhichIsOld { why, .. } => panic!("{why}"),
    };
    let (case, other) = (of(3), of(4));
    assert_eq!((case.documents.len(), case.queries.len()), (12, 70));
    assert_ne!(case.documents, other.documents);
    let whole = super::case(beir());
    for (at, id) in case.documents.iter().enumerate() {
        let row = whole.documents.iter().position(|other| other == id).unwrap();
        assert_eq!(case.new.documents.row(at), whole.new.documents.row(row));
    }
    assert!(notes(&case, "12 of 70 documents were drawn by seed 3, of the 70 that are relevant to a query."));
}

#[test]
fn progress_rises_to_its_end() {
    let mut told = Vec::new();
    gather(beir(), &Gathering::default(), &mut |progress| told.push(progress)).unwrap();
    let shares: Vec<f64> =
        told.iter().filter(|it| it.stage == protocol::ImportStage::Unpacking).map(|it| it.share).collect();
    assert!(shares.is_sorted() && shares.last().is_some_and(|&last| last > 0.99), "{shares:?}");
}
