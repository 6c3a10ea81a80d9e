//! The queries that an option newly breaks, as a table for spreadsheets.

use super::{asked_text, ids, measured};
use crate::Case;
use crate::options::Choice;
use crate::rank::{Hit, Ranking};
use crate::study::Study;

/// What the old system and an option find.
#[derive(Clone, Copy, Debug)]
pub struct Ranks<'a> {
    /// Places in the case of the queries (of documents, where they ask) that the lists are of, in the order of the lists; as
    /// [`Workbench::asked`](crate::options::workbench::Workbench::asked).
    pub asked: &'a [usize],
    /// By the old system.
    pub before: &'a Ranking,
    /// By the option.
    pub after: &'a Ranking,
}

/// The queries that `choice` newly breaks: `id`, and with `ranks` the `rank_before` and `rank_after` of the first relevant document,
/// counted from 1 and empty where it is not in the list. Where texts of any are known, their `text` is the last column.
///
/// Lines end and cells are quoted by RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub fn broken_csv(study: &Study, case: &Case, choice: &Choice, ranks: Option<Ranks<'_>>) -> String {
    let case = measured(study, case);
    let rows = study.rows.iter().filter(|row| row.choice == *choice);
    let places: Vec<usize> = rows.flat_map(|row| &row.newly_broken).copied().collect();
    let with_texts = places.iter().any(|&place| asked_text(&case, place).is_some());
    let columns = [Some("id"), ranks.map(|_| "rank_before,rank_after"), with_texts.then_some("text")];
    let mut text = columns.into_iter().flatten().collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for (&place, id) in places.iter().zip(ids(&case, &places)) {
        text.push_str(&cell(&id));
        if let Some(Ranks { asked, before, after }) = ranks {
            let list = asked.iter().position(|&asked| asked == place);
            for ranking in [before, after] {
                let rank =
                    list.filter(|&list| list < ranking.count()).and_then(|list| rank(&case, place, ranking.of(list)));
                text.push(',');
                text.push_str(&rank.map_or_else(String::new, |rank| rank.to_string()));
            }
        }
        if with_texts {
            text.push(',');
            text.push_str(&cell(asked_text(&case, place).unwrap_or_default()));
        }
        text.push_str("\r\n");
    }
    text
}

/// The rank of the first relevant document, from 1.
fn rank(case: &Case, place: usize, hits: &[Hit]) -> Option<usize> {
    hits.iter().position(|hit| case.answers(place, hit.document as usize)).map(|at| at + 1)
}

/// One cell, quoted where it has to be.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    match text.contains(['"', ',', '\r', '\n']) || text.trim() != text {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::judge::Metric;
    use crate::verdict::sample::{self, Sketch};
    use crate::{Relevance, Texts};

    fn broken() -> Study {
        let mut study = Sketch::new(Metric::Mrr, 0.1, 0.2, 0.01).study(&[(Choice::Swap, 0.15)]);
        (study.documents, study.queries) = (3, 3);
        study.rows[1].newly_broken = vec![0, 1, 2];
        study
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let text = broken_csv(&broken(), &sample::case(), &Choice::Swap, None);
        assert_eq!(text, "id\r\n'=SUM(A1)\r\n\"a \"\"b\"\", c\"\r\n<q|2>\r\n");
        assert_eq!(broken_csv(&broken(), &sample::case(), &Choice::Reindex, None), "id\r\n");
        assert_eq!(["+1", "-1", "@a", "a=b", "1-2", " a"].map(cell), ["'+1", "'-1", "'@a", "a=b", "1-2", "\" a\""]);
    }

    #[test]
    fn ranks_stand_beside_them() {
        let list = |documents: &[u32]| documents.iter().map(|&document| Hit { document, score: 0.5 }).collect();
        // The lists are of the third query and of the first.
        let before = Ranking::new(vec![list(&[2, 0, 1]), list(&[1, 0])]);
        let after = Ranking::new(vec![list(&[0, 1, 2]), list(&[1, 2])]);
        let ranks = Ranks { asked: &[2, 0], before: &before, after: &after };
        let text = broken_csv(&broken(), &sample::case(), &Choice::Swap, Some(ranks));
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines, ["id,rank_before,rank_after", "'=SUM(A1),2,", "\"a \"\"b\"\", c\",,", "<q|2>,1,3", ""]);
    }

    #[test]
    fn what_they_say_stands_behind_them() {
        let mut case = sample::case();
        let queries = ["red shoes, size 9", "", "=blue"].map(str::to_owned).to_vec();
        case.beside.texts = Some(Texts { documents: vec![String::new(); 3], queries });
        let text = broken_csv(&broken(), &case, &Choice::Swap, None);
        assert_eq!(text.lines().collect::<Vec<_>>()[..2], ["id,text", "'=SUM(A1),\"red shoes, size 9\""]);
        assert!(text.ends_with("c\",\r\n<q|2>,'=blue\r\n"), "{text}");
    }

    #[test]
    fn labels_say_what_is_relevant() {
        let mut case = sample::case();
        let (documents, queries) = (vec![Some(0), Some(1), None], vec![Some(1), None, Some(7)]);
        case.relevance = Relevance::Labels { documents, queries, names: vec!["a".to_owned(), "b".to_owned()] };
        let hits = [0, 2, 1].map(|document| Hit { document, score: 0.5 });
        assert_eq!(
            [0, 1, 2].map(|place| rank(&case, place, &hits)),
            [Some(3), None, None],
            "no label is no label in common"
        );
    }

    /// What a reader of RFC 4180 makes of one cell.
    fn read(cell: &str) -> String {
        match cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => cell.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn every_cell_is_read_back(text in "[-=+@\"',;\r\n\t a-c]{0,8}") {
            let written = cell(&text);
            let back = read(&written);
            prop_assert!(back == text || back == format!("'{text}"), "{written}");
            prop_assert!(!back.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            let quotes = written.bytes().filter(|&byte| byte == b'"').count();
            prop_assert!(quotes.is_multiple_of(2), "{written}");
            prop_assert!(written.starts_with('"') || !written.contains(['"', ',', '\r', '\n']), "{written}");
        }
    }
}
