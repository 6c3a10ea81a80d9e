//! Everything that a decision leaves behind, as files: reports, lists of broken queries, and a bridge of each direction in every form.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, result::ZipError};

use crate::leave::{self, Leaving};
use crate::maps::Direction;
use crate::options::Choice;
use crate::report::{self, Ranks};
use crate::study::{Kept, Study};
use crate::verdict::Verdict;
use crate::{Case, DecideError};

/// Longest part of a file's name that stands for an option.
const LONGEST: usize = 60;

/// Name of the archive of all files.
const ARCHIVE: &str = "decision.zip";

/// Bytes of files beyond which no archive is made: they would be there twice.
const MOST: usize = 256 << 20;

/// What is left behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Left {
    /// Paths, with `/` between folders, and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// Sentences on what could not be written in some form.
    pub said: Vec<String>,
}

/// `report.json`, `report.md` and `report.html`, `broken-....csv` of every option that breaks queries, and below `bridge/` a folder of each
/// direction in which there is a bridge.
///
/// # Errors
/// When the report has no JSON form.
pub fn files(case: &Case, study: &Study, kept: &Kept, verdict: &Verdict) -> Result<Left, DecideError> {
    let mut left = Left::default();
    let mut text = |path: &str, text: String| left.files.push((path.to_owned(), text.into_bytes()));
    text("report.json", report::json(study, verdict, case)?);
    text("report.md", report::markdown(study, verdict, case));
    text("report.html", report::html(study, verdict, case));
    let stay = kept.ranking(&Choice::Stay);
    for row in study.rows.iter().filter(|row| !row.newly_broken.is_empty()) {
        let ranks =
            stay.zip(kept.ranking(&row.choice)).map(|(before, after)| Ranks { asked: &kept.asked, before, after });
        text(&format!("broken-{}.csv", slug(&row.name)), report::broken_csv(study, case, &row.choice, ranks));
    }
    bridges(study, kept, verdict, &mut left);
    Ok(left)
}

/// The bridge of each direction that the verdict advises, else the best, each in a folder of its own.
fn bridges(study: &Study, kept: &Kept, verdict: &Verdict, left: &mut Left) {
    for (direction, folder, from, to) in [
        (Direction::Queries, "bridge/queries", &study.new, &study.old),
        (Direction::Gallery, "bridge/gallery", &study.old, &study.new),
    ] {
        let advised = verdict.bridge.as_ref().filter(|choice| choice.is_bridge_of(direction));
        let choice = advised.or_else(|| study.best_bridge_of(direction).map(|row| &row.choice));
        let Some(map) = choice.and_then(|choice| kept.map(choice)) else { continue };
        let leaving = Leaving { map, direction, from, to };
        let mut files = Vec::new();
        let mut take = |form: &str, made: Result<Vec<(String, Vec<u8>)>, DecideError>| match made {
            Ok(made) => files.extend(made),
            Err(DecideError::Undefined { why, .. }) => left.said.push(format!("{folder}: no {form}, as {why}.")),
            Err(why) => left.said.push(format!("{folder}: no {form}, as {why}.")),
        };
        take(
            "SafeTensors",
            leave::safetensors(&leaving).map(|bytes| vec![(leave::SAFETENSORS_FILE.to_owned(), bytes)]),
        );
        take("ONNX", leave::onnx(&leaving).map(|bytes| vec![(leave::ONNX_FILE.to_owned(), bytes)]));
        take("NumPy arrays", leave::npy(&leaving));
        let snippets = leave::snippets(&leaving);
        files.extend(snippets.into_iter().map(|snippet| (snippet.file, snippet.text.into_bytes())));
        left.files.extend(files.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
}

/// The name of an option as part of a file's: letters and digits, with `-` between words.
fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(LONGEST).collect()
}

/// One more file with all of these in it, `decision.zip`; none where they are too much to be held twice.
///
/// # Errors
/// A name or a size is none that archives have.
pub fn archive(files: &[(String, Vec<u8>)]) -> Result<Option<(String, Vec<u8>)>, DecideError> {
    if files.iter().map(|(_, content)| content.len()).sum::<usize>() > MOST {
        return Ok(None);
    }
    let refused = |error: ZipError| DecideError::Undefined { what: "an archive of all files", why: error.to_string() };
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        let options = SimpleFileOptions::default().compression_method(method(path));
        archive.start_file(path.as_str(), options).map_err(refused)?;
        archive.write_all(content).map_err(|error| refused(error.into()))?;
    }
    let archive = archive.finish().map_err(refused)?;
    Ok(Some((ARCHIVE.to_owned(), archive.into_inner())))
}

/// Fitted numbers hardly become fewer by being packed.
fn method(path: &str) -> CompressionMethod {
    match path.rsplit('.').next() {
        Some("npy" | "onnx" | "safetensors") => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::options::Settings;
    use crate::study::study;
    use crate::testing::Planted;
    use crate::verdict::verdict;

    #[test]
    fn the_bridge_that_is_advised_is_left() {
        let case = Planted::default().judged();
        let settings = Settings::default();
        let (study, kept) = study(&case, true, &settings, &mut |_, _| Ok(())).unwrap();
        let best = &study.best_bridge_of(Direction::Queries).unwrap().choice;
        let is_other = |choice: &Choice| choice != best && choice.is_bridge_of(Direction::Queries);
        let (other, map) = kept.maps.iter().find(|(choice, _)| is_other(choice)).unwrap();
        let left = |bridge: Option<Choice>| {
            let verdict = Verdict { bridge, ..verdict(&study, &settings) };
            let files = files(&case, &study, &kept, &verdict).unwrap().files;
            files.into_iter().find(|(path, _)| path == "bridge/queries/bridge.safetensors").unwrap().1
        };
        let (from, to) = (&study.new, &study.old);
        let of = |map| leave::safetensors(&Leaving { map, direction: Direction::Queries, from, to }).unwrap();
        assert!(left(Some(other.clone())) == of(map) && left(None) == of(kept.map(best).unwrap()));
    }

    #[test]
    fn the_archive_holds_all_that_there_is() {
        let files = [
            ("report.md".to_owned(), vec![b'a'; 5_000]),
            ("bridge/queries/bridge.npy".to_owned(), (0..=255).collect()),
        ];
        let (name, bytes) = archive(&files).unwrap().unwrap();
        assert_eq!(name, "decision.zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        for (at, (path, content)) in files.iter().enumerate() {
            let mut file = archive.by_index(at).unwrap();
            let mut found = Vec::new();
            file.read_to_end(&mut found).unwrap();
            assert_eq!((file.name(), &found), (path.as_str(), content));
            assert!(file.compressed_size() < 1_000, "{path}");
        }
    }

    #[test]
    fn names_of_options_become_names_of_files() {
        assert_eq!(slug("Bridge of queries: scaled Procrustes"), "bridge-of-queries-scaled-procrustes");
        assert_eq!(slug("Half-migrated: 25 % re-embedded"), "half-migrated-25-re-embedded");
        assert_eq!(slug(&"a ".repeat(100)).len(), LONGEST);
    }
}
