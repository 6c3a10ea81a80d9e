use super::super::testing::{leaving, map, mapped, maps, rows};
use super::super::{FORMAT, safetensors};
use super::*;
use crate::maps::{Direction, Map, Step};

/// The template itself is the loader of the bridge between two models that are called what it says.
#[allow(dead_code, reason = "a program, of which its reading and its map are tried")]
#[path = "rust.rs"]
mod loader;

/// A bridge of this map both ways.
fn both_ways(map: &Map) -> [Leaving<'_>; 2] {
    let queries = Leaving { from: "all-MiniLM-L6-v2", to: "glove-6b-50d", ..leaving(map) };
    [queries, Leaving { direction: Direction::Gallery, from: queries.to, to: queries.from, ..queries }]
}

#[test]
fn every_text_names_both_models_and_the_direction() {
    for map in maps() {
        for bridge in both_ways(&map) {
            let texts = snippets(&bridge);
            let names: Vec<&str> = texts.iter().map(|snippet| snippet.name).collect();
            let all = ["numpy", "pytorch", "rust", "pgvector", "qdrant", "qdrant-rest", "faiss", "lancedb"];
            assert_eq!(names, all);
            for Snippet { file, text, .. } in texts {
                let way = format!(
                    "From \"{}\" ({} numbers) into the space of \"{}\" ({}",
                    bridge.from, map.from, bridge.to, map.to
                );
                assert!(text.contains(&way), "{file}: {text}");
                let direction = format!("direction {}.\n", word(bridge.direction));
                assert!(text.contains(&direction), "{file}: {text}");
            }
        }
    }
}

#[test]
fn no_text_has_a_gap() {
    for map in maps() {
        for Snippet { file, text, .. } in both_ways(&map).iter().flat_map(snippets) {
            assert!(!text.contains("@if") && !text.contains("@end"), "{file}: {text}");
            for (place, _) in text.match_indices('@') {
                let after = &text[place + 1..];
                let name = after.split('@').next().unwrap_or_default();
                let filled =
                    name.is_empty() || !name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
                assert!(filled || name.len() == after.len(), "{file} has a gap {name}");
            }
        }
    }
}

#[test]
fn texts_do_what_their_direction_asks() {
    let affine = &maps()[1];
    let [queries, gallery] = both_ways(affine).map(|bridge| {
        move |name: &str| snippets(&bridge).into_iter().find(|snippet| snippet.name == name).unwrap().text
    });
    assert!(queries("pgvector").contains("ORDER BY embedding <=> (SELECT bridge($1))"));
    assert!(!queries("pgvector").contains("UPDATE documents"));
    assert!(gallery("pgvector").contains("UPDATE documents SET bridged = bridge(embedding);"));
    assert!(gallery("pgvector").contains("ORDER BY bridged <=> $1"));
    assert!(gallery("pgvector").contains("USING hnsw"));
    assert!(queries("faiss").contains("faiss.LinearTransform") && !gallery("faiss").contains("faiss.LinearTransform"));
    for name in ["qdrant", "qdrant-rest", "lancedb"] {
        assert!(!queries(name).contains("def rewrite") && gallery(name).contains("def rewrite"), "{name}");
    }
    assert!(gallery("faiss").contains("def rewritten"));
}

#[test]
fn what_is_no_single_map_is_applied_before_the_store() {
    let map = &maps()[3];
    let [queries, _] = both_ways(map);
    let texts = snippets(&queries);
    let find = |name: &str| texts.iter().find(|snippet| snippet.name == name).unwrap();
    assert_eq!(find("pgvector").file, "bridge_pgvector.py");
    assert!(find("faiss").text.contains("from bridge_numpy import apply, load"));
    assert!(!find("faiss").text.contains("weight.npy"));
}

#[test]
fn long_vectors_get_no_index_of_pgvector() {
    let wide = map(1, 2001, vec![Step::Affine { weight: vec![1.0; 2001], bias: vec![0.0; 2001] }]);
    let [_, gallery] = both_ways(&wide);
    let text = snippets(&gallery).into_iter().find(|snippet| snippet.name == "pgvector").unwrap().text;
    assert!(text.contains("vector(2001)") && !text.contains("USING hnsw"), "{text}");
}

#[test]
fn names_cannot_break_out() {
    assert_eq!(python("a\"b\\c\n\u{202e}é\u{1f600}'@"), "a\\\"b\\\\c\\u000a\\u202eé\\U0001f600'@");
    assert_eq!(rust("a\"b\\c\n\u{202e}é"), "a\\\"b\\\\c\\n\\u{202e}é");
    assert_eq!(sql("it's\n\u{202e}\0\"é\\"), "it''s   \"é\\");

    let plain = maps();
    for map in &plain {
        for bridge in both_ways(map) {
            let odd = Leaving { from: "@TO@\"\n'\r\u{2028}\"\"\"", to: "\\\n# @if\n\u{202e}", ..bridge };
            for (odd, plain) in snippets(&odd).into_iter().zip(snippets(&bridge)) {
                assert_eq!(odd.text.lines().count(), plain.text.lines().count(), "{}", odd.file);
                assert!(!odd.text.contains(['\r', '\u{2028}', '\u{202e}']), "{}", odd.file);
                assert!(odd.text.contains("@TO@"), "{}", odd.file);
            }
        }
    }
}

#[test]
fn loaders_know_the_format() {
    let map = &maps()[0];
    for Snippet { name, text, .. } in snippets(&leaving(map)) {
        assert_eq!(text.contains(FORMAT), ["numpy", "pytorch", "rust"].contains(&name), "{name}");
    }
}

#[test]
fn blocks_stay_where_all_their_words_hold() {
    let template = "a\n# @if x y\nb\n// @if z\nc\n// @end\nd\n# @end\n-- @if z\ne\n-- @end\nf @ g\n";
    assert_eq!(chosen(template, &["x", "y"]), "a\nb\nd\nf @ g\n");
    assert_eq!(chosen(template, &["x", "z"]), "a\ne\nf @ g\n");
    assert_eq!(chosen(template, &["x", "y", "z"]), "a\nb\nc\nd\ne\nf @ g\n");
    assert_eq!(fill("@A@ @ @B@@A@ @C@", &[("A", "@B@".to_owned()), ("B", "2".to_owned())]), "@B@ @ 2@B@ @C@");
}

#[test]
fn the_loader_in_rust_gives_what_the_lab_gives() {
    for map in maps() {
        // As in the template, in which nothing was filled.
        let bridge = Leaving { from: loader::FROM, to: loader::TO, ..leaving(&map) };
        let bytes = safetensors(&bridge).unwrap();
        let rows = rows(map.from);
        let found = loader::Bridge::read(&bytes).unwrap().apply(rows.numbers());
        let expected = mapped(&map, &rows);
        assert_eq!(found.len(), expected.numbers().len());
        for (found, expected) in found.iter().zip(expected.numbers()) {
            assert!((found - expected).abs() < 1e-5, "{:?}: {found} {expected}", map.family);
        }
        let other = Leaving { from: loader::TO, to: loader::FROM, ..bridge };
        assert!(loader::Bridge::read(&safetensors(&other).unwrap()).is_err());
    }
}
