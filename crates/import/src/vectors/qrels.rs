//! Judgements of relevance, as TREC has them (`query 0 document grade`) and as BEIR has them (`query-id`, `corpus-id`, `score` under a
//! header).

use super::error::VectorsError;
use super::limits;
use super::lines::Lines;
use super::sources::Store;
use super::things::Judgement;

/// Reads file `entry`: three or four columns parted by tabs, spaces or commas; two where every document that is named is relevant.
pub(super) fn read(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Judgement>, VectorsError> {
    let mut lines = Lines::new(store, entry, path)?;
    let (mut judgements, mut line) = (Vec::new(), Vec::new());
    while lines.next(&mut line)? {
        let text = String::from_utf8_lossy(&line);
        let cells = cells(&text);
        let (query, document, grade) = match cells.as_slice() {
            [] => continue,
            &[query, document] => (query, document, "1"),
            &[query, document, grade] | &[query, _, document, grade] => (query, document, grade),
            [_, _, _, _, _, _] => {
                return Err(lines.fault("six columns are a run, and not what is relevant: hand in the qrels"));
            }
            other => {
                let reason =
                    format!("there are {} columns, and judgements have query, document and grade", other.len());
                return Err(lines.fault(reason));
            }
        };
        let Ok(grade) = grade.parse::<f32>() else {
            if judgements.is_empty() && lines.number == 1 {
                // A header.
                continue;
            }
            return Err(lines.fault(format!("the grade `{}` is no number", shortened(grade))));
        };
        if cells.len() == 2 && lines.number == 1 && is_header(query) {
            continue;
        }
        if judgements.len() >= limits::JUDGEMENTS {
            let most = limits::JUDGEMENTS.to_string();
            let remedy = "hand in those of fewer queries";
            return Err(VectorsError::TooLarge { path: path.to_owned(), what: "more judgements", most, remedy });
        }
        judgements.push(Judgement { query: query.to_owned(), document: document.to_owned(), grade });
    }
    Ok(judgements)
}

/// The cells of a line, parted by tabs where there are any, else by commas, else by spaces.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    match () {
        () if line.is_empty() => Vec::new(),
        () if line.contains('\t') => line.split('\t').map(bare).collect(),
        () if line.contains(',') => line.split(',').map(bare).collect(),
        () => line.split_whitespace().map(bare).collect(),
    }
}

/// A cell without spaces and quotes around it.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

fn is_header(cell: &str) -> bool {
    matches!(cell.to_lowercase().replace(['-', ' '], "_").as_str(), "query_id" | "qid" | "query" | "queryid" | "q")
}

/// At most 40 letters of what stands somewhere.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::named;

    fn of(text: &str) -> Result<Vec<(String, String, f32)>, String> {
        let mut store = Store::new(vec![named("qrels.txt", text).into()], &mut Vec::new()).unwrap();
        let read = read(&mut store, 0, "qrels.txt").map_err(|fault| fault.to_string())?;
        Ok(read.into_iter().map(|it| (it.query, it.document, it.grade)).collect())
    }

    #[test]
    fn all_usual_forms_are_read() {
        let expected = vec![("q1".to_owned(), "d1".to_owned(), 1.0), ("q1".into(), "d2".into(), 0.0)];
        for text in [
            "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n",
            "q1 0 d1 1\r\nq1 Q0 d2 0\r\n\r\n",
            "q1\t0\td1\t1\nq1\t0\td2\t0",
            "query_id,doc_id,relevance\n\"q1\",\"d1\",1\nq1,d2,0\n",
        ] {
            assert_eq!(of(text).unwrap(), expected, "{text}");
        }
        let expected = vec![("q 1".to_owned(), "d1".to_owned(), 1.0)];
        assert_eq!(of("qid\tpid\nq 1\td1\n").unwrap(), expected);
        assert!(of("").unwrap().is_empty());
    }

    #[test]
    fn what_is_none_is_told_with_its_line() {
        assert_eq!(
            of("q1 0 d1 1\nq1 0 d2 high\n").unwrap_err(),
            "qrels.txt, line 2: the grade `high` is no number; correct it or leave the line out"
        );
        assert!(of("q1 Q0 d1 1 12.5 bm25\n").unwrap_err().contains("six columns are a run"));
        assert!(of("q1\n").unwrap_err().contains("there are 1 columns"));
    }
}
