//! What the main options answer to one query, for a person to read: the documents that each finds, in words where there are any.

use std::collections::HashMap;

use crate::Case;
use crate::options::{Choice, OptionRow};
use crate::rank::{Hit, Ranking};
use crate::report::measured;
use crate::study::{Kept, Study};

/// Queries at most, the first ones.
const QUERIES: usize = 5_000;
/// Documents of an option, and relevant ones that are named.
const SHOWN: usize = 5;

/// Answers of the main options, see [`Study::main`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// What the options are called.
    pub options: Vec<String>,
    /// The documents that any of them finds or that are relevant.
    pub documents: Vec<Named>,
    /// The queries, at most 5,000.
    pub queries: Vec<Answered>,
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What it says; empty where that is not known.
    pub text: String,
}

/// A query with its answers. Documents are places among [`Answers::documents`].
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Its id.
    pub id: String,
    /// What it says; empty where that is not known.
    pub text: String,
    /// What task it is of.
    pub task: Option<String>,
    /// Documents that are judged relevant, at most 5.
    pub relevant: Vec<u32>,
    /// The best 5 documents of each option, in the order of [`Answers::options`], each with whether it is relevant.
    pub found: Vec<Vec<(u32, bool)>>,
}

/// Documents met so far.
struct Met<'a> {
    case: &'a Case,
    places: HashMap<u32, u32>,
    documents: Vec<Named>,
}

impl Met<'_> {
    fn place(&mut self, document: u32) -> u32 {
        let next = self.documents.len() as u32;
        let place = *self.places.entry(document).or_insert(next);
        if place == next {
            let at = document as usize;
            let texts = self.case.beside.texts.as_ref().map(|texts| &texts.documents);
            let of = |list: Option<&Vec<String>>| list.and_then(|list| list.get(at)).cloned().unwrap_or_default();
            self.documents.push(Named { id: of(Some(&self.case.documents)), text: of(texts) });
        }
        place
    }
}

/// The answers of a study, of the case that it was made of: by the main options and by the bridge that is advised, if one is.
pub fn answers(study: &Study, kept: &Kept, case: &Case, advised: Option<&Choice>) -> Answers {
    let case = measured(study, case);
    let main = study.main();
    let is_meant = |row: &&OptionRow| Some(&row.choice) == advised || main.iter().any(|main| main.choice == row.choice);
    let main: Vec<&OptionRow> = study.rows.iter().filter(is_meant).collect();
    let ranked: Vec<(&str, &Ranking)> =
        main.iter().filter_map(|row| Some((row.name.as_str(), kept.ranking(&row.choice)?))).collect();
    let mut met = Met { case: &case, places: HashMap::new(), documents: Vec::new() };
    let ids = if case.asks_with_documents() { &case.documents } else { &case.queries };
    let query = |(list, &place): (usize, &usize)| {
        let task = case.beside.tasks.as_ref().and_then(|tasks| {
            let task = tasks.of.get(place).copied().flatten()?;
            tasks.names.get(task as usize).cloned()
        });
        let found = ranked.iter().map(|(_, ranking)| {
            let hits = ranking.of(list).iter().take(SHOWN);
            hits.map(|&Hit { document, .. }| (met.place(document), case.answers(place, document as usize))).collect()
        });
        let found = found.collect();
        let relevant = case.judged(place).iter().take(SHOWN).map(|&(document, _)| met.place(document as u32)).collect();
        let text = case.asked_text(place).unwrap_or_default().to_owned();
        Answered { id: ids.get(place).cloned().unwrap_or_default(), text, task, relevant, found }
    };
    let queries = kept.asked.iter().enumerate().take(QUERIES).map(query).collect();
    Answers { options: ranked.iter().map(|(name, _)| (*name).to_owned()).collect(), documents: met.documents, queries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Settings;
    use crate::study::study;
    use crate::testing::Planted;
    use crate::{Tasks, Texts};

    #[test]
    fn every_query_is_answered_by_every_main_option() {
        let mut case = Planted { documents: 120, queries: 20, ..Planted::default() }.judged();
        case.beside.texts = Some(Texts {
            documents: (0..120).map(|at| format!("document {at}")).collect(),
            queries: (0..20).map(|at| format!("query {at}")).collect(),
        });
        case.beside.tasks = Some(Tasks {
            of: (0..20).map(|at| Some(at % 2)).collect(),
            names: vec!["even".to_owned(), "odd".to_owned()],
        });
        let (study, kept) = study(&case, true, &Settings::default(), &mut |_, _| Ok(())).unwrap();
        let found = answers(&study, &kept, &case, None);
        assert_eq!(found.options.first().map(String::as_str), Some("Stay"));
        assert_eq!(found.options.last().map(String::as_str), Some("Full re-index"));
        assert_eq!((found.queries.len(), found.options.len()), (20, study.main().len()));
        let third = &found.queries[3];
        assert_eq!((third.id.as_str(), third.text.as_str(), third.task.as_deref()), ("q3", "query 3", Some("odd")));
        let relevant = &found.documents[third.relevant[0] as usize];
        assert_eq!((relevant.id.as_str(), relevant.text.as_str()), ("d3", "document 3"));
        let full = kept.ranking(&crate::options::Choice::Reindex).unwrap();
        let last = third.found.last().unwrap();
        assert_eq!(last.len(), SHOWN);
        for (&(place, right), hit) in last.iter().zip(full.of(3)) {
            assert_eq!(found.documents[place as usize].id, format!("d{}", hit.document));
            assert_eq!(right, hit.document == 3);
        }
    }
}
