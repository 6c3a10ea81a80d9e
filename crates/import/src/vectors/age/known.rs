//! When known embedding models came out: year and month of the first public release, by their makers' pages.

use super::super::naming::Word;

/// Names without what parts their words, and `year * 100 + month`. The longest that fits counts.
const RELEASES: [(&str, u32); 118] = [
    // Words.
    ("word2vec", 201_307),
    ("glove", 201_408),
    ("fasttext", 201_607),
    ("elmo", 201_802),
    // Universal Sentence Encoder.
    ("use", 201_803),
    ("universalsentenceencoder", 201_803),
    ("laser", 201_812),
    // Transformers.
    ("bert", 201_810),
    ("sbert", 201_908),
    ("roberta", 201_907),
    ("distilbert", 201_910),
    ("labse", 202_007),
    ("dpr", 202_004),
    ("ance", 202_007),
    ("colbert", 202_004),
    ("simcse", 202_104),
    ("splade", 202_107),
    ("minilm", 202_108),
    ("allminilm", 202_108),
    ("allmpnet", 202_108),
    ("mpnet", 202_108),
    ("paraphrasemultilingualminilm", 202_108),
    ("multiqa", 202_108),
    ("sentencet5", 202_108),
    ("st5", 202_108),
    ("gtr", 202_112),
    ("contriever", 202_112),
    ("instructor", 202_212),
    ("e5", 202_212),
    ("e5smallv2", 202_305),
    ("e5basev2", 202_305),
    ("e5largev2", 202_305),
    ("multilinguale5", 202_305),
    ("me5", 202_305),
    ("e5mistral", 202_312),
    ("gte", 202_308),
    ("gtebaseenv15", 202_404),
    ("gtelargeenv15", 202_404),
    ("gteqwen15", 202_404),
    ("gteqwen2", 202_406),
    ("gtemultilingual", 202_407),
    ("gtemodernbert", 202_501),
    ("bge", 202_308),
    ("bgesmallenv15", 202_309),
    ("bgebaseenv15", 202_309),
    ("bgelargeenv15", 202_309),
    ("bgesmallzhv15", 202_309),
    ("bgebasezhv15", 202_309),
    ("bgelargezhv15", 202_309),
    ("bgem3", 202_401),
    ("jinaembeddingsv2", 202_310),
    ("jinav2", 202_310),
    ("jinaembeddingsv3", 202_409),
    ("jinav3", 202_409),
    ("jinaembeddingsv4", 202_506),
    ("jinav4", 202_506),
    ("nomic", 202_402),
    ("nomicembedtextv2", 202_502),
    ("mxbai", 202_403),
    ("arctic", 202_404),
    ("arcticembed", 202_404),
    ("arcticembedmv2", 202_412),
    ("arcticembedlv2", 202_412),
    ("nvembed", 202_405),
    ("stella", 202_407),
    ("modernbert", 202_412),
    ("qwen3embedding", 202_506),
    ("qwen3", 202_506),
    ("embeddinggemma", 202_509),
    // Services.
    ("textsimilarity", 202_201),
    ("textsearch", 202_201),
    ("ada", 202_212),
    ("ada002", 202_212),
    ("textembeddingada", 202_212),
    ("textembedding3", 202_401),
    ("3small", 202_401),
    ("3large", 202_401),
    ("small3", 202_401),
    ("large3", 202_401),
    ("openai3", 202_401),
    ("embedenglishv2", 202_206),
    ("embedenglishv3", 202_311),
    ("embedmultilingualv2", 202_212),
    ("embedmultilingualv3", 202_311),
    ("embedv4", 202_504),
    ("embeddinggecko", 202_306),
    ("textembedding004", 202_405),
    ("textembedding005", 202_411),
    ("geminiembedding", 202_503),
    ("titanembedtextv1", 202_309),
    ("titanembedtextv2", 202_404),
    ("voyage01", 202_310),
    ("voyage2", 202_401),
    ("voyage3", 202_409),
    ("voyage35", 202_505),
    ("mistralembed", 202_312),
    // Pictures.
    ("alexnet", 201_209),
    ("vgg", 201_409),
    ("resnet", 201_512),
    ("efficientnet", 201_905),
    ("vit", 202_010),
    ("clip", 202_101),
    ("openclip", 202_107),
    ("dino", 202_104),
    ("dinov2", 202_304),
    ("dinov3", 202_508),
    ("siglip", 202_303),
    ("siglip2", 202_502),
    // Faces.
    ("deepface", 201_406),
    ("facenet", 201_503),
    ("sphereface", 201_704),
    ("cosface", 201_801),
    ("arcface", 201_801),
    ("magface", 202_103),
    ("adaface", 202_204),
    ("vggface", 201_509),
    ("vggface2", 201_710),
    ("elasticface", 202_109),
];

/// When the model of this name came out; none where it is not known.
pub(super) fn released(words: &[Word]) -> Option<u32> {
    let mut found: Option<(usize, u32)> = None;
    for start in 0..words.len() {
        let rest = words.iter().skip(start);
        for &(name, date) in &RELEASES {
            if begins(rest.clone(), name) && found.is_none_or(|(length, _)| name.len() > length) {
                found = Some((name.len(), date));
            }
        }
    }
    found.map(|(_, date)| date)
}

/// Whether `name` is what the words begin with, up to the end of one of them or to a number in it.
fn begins<'a>(words: impl Iterator<Item = &'a Word>, name: &str) -> bool {
    let mut left = name;
    for word in words {
        match left.strip_prefix(word.lower.as_str()) {
            Some("") => return true,
            Some(more) => left = more,
            None => {
                // `glove50` is glove; `e50` is not e5.
                let digit = |letter: char| letter.is_ascii_digit();
                let after = word.lower.strip_prefix(left);
                return after.is_some_and(|after| after.starts_with(digit) && !name.ends_with(digit));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::super::naming::words;
    use super::*;

    #[test]
    fn the_longest_name_that_fits_counts() {
        let of = |name: &str| released(&words(name));
        assert_eq!(of("text-embedding-3-small"), Some(202_401));
        assert_eq!(of("openai_ada002"), Some(202_212));
        assert_eq!(of("bge-m3"), Some(202_401));
        assert_eq!(of("bge-base-en-v1.5"), Some(202_309));
        assert_eq!(of("BAAI/bge-base-en"), Some(202_308));
        assert_eq!(of("adaface"), Some(202_204));
        assert_eq!(of("glove50"), Some(201_408));
        assert_eq!([of("adapter"), of("user"), of("clipboard"), of("e50"), of("")], [None; 5]);
    }

    #[test]
    fn every_name_stands_once_and_is_of_a_month() {
        let mut names: Vec<&str> = RELEASES.iter().map(|&(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RELEASES.len());
        assert!(
            RELEASES.iter().all(|&(_, date)| (2012..2030).contains(&(date / 100)) && (1..=12).contains(&(date % 100)))
        );
        assert!(
            RELEASES
                .iter()
                .all(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        );
    }
}
