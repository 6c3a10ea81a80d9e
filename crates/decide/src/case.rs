//! A question as it was brought: two models' vectors of the same documents and queries, and what is known to be relevant.

use crate::{DecideError, Vectors};

/// One model's vectors of the documents and of the queries that both models were given, in the order of [`Case::documents`] and
/// [`Case::queries`].
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// The model's name.
    pub name: String,
    /// Of the documents, `[documents, dims]`.
    pub documents: Vectors,
    /// Of the queries, `[queries, dims]`; none where a case has documents alone.
    pub queries: Option<Vectors>,
}

/// How alike two rows of one model are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Similarity {
    /// The cosine of the angle between them.
    #[default]
    Cosine,
    /// The inner product.
    InnerProduct,
}

/// What is known to answer what.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Relevance {
    /// Nothing: only what models agree on can be told.
    #[default]
    Unknown,
    /// Each query's relevant documents with their grades (above 0), by place; as TREC's and BEIR's qrels. A query without any is not judged.
    Judged(Vec<Vec<(usize, f32)>>),
    /// Labels, of which a row can have several: of each query, the documents that share one with it, by place, all with the grade 1.
    Shared(Vec<Vec<(usize, f32)>>),
    /// Labels: a document answers a query (or, where there are no queries, another document) of the same label.
    Labels {
        /// Of each document, an index into `names`; `None` for a row that has none.
        documents: Vec<Option<u32>>,
        /// Of each query; empty where there are no queries.
        queries: Vec<Option<u32>>,
        /// What the labels are called.
        names: Vec<String>,
    },
}

/// Labels of documents and queries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Of each document, an index into `names`; `None` for a row that has none.
    pub documents: Vec<Option<u32>>,
    /// Of each query.
    pub queries: Vec<Option<u32>>,
    /// What the labels are called.
    pub names: Vec<String>,
}

/// Which task each query is of, such as looking up words and looking up sentences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    /// Of each query, an index into `names`; `None` for one that is of none.
    pub of: Vec<Option<u32>>,
    /// What the tasks are called.
    pub names: Vec<String>,
}

/// What documents and queries say, as a person reads them; empty where that is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// Of each document.
    pub documents: Vec<String>,
    /// Of each query.
    pub queries: Vec<String>,
}

/// What stands beside vectors and judgements and decides nothing by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Labels of documents and queries beside judgements, which another metric goes by.
    pub labels: Option<Labels>,
    /// Tasks, each of which may have an answer of its own.
    pub tasks: Option<Tasks>,
    /// Texts.
    pub texts: Option<Texts>,
}

/// What there is to decide about.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The model whose vectors are in the index today.
    pub old: Embedded,
    /// The model that may replace it.
    pub new: Embedded,
    /// Ids of the documents, one a row.
    pub documents: Vec<String>,
    /// Ids of the queries; empty where there are none.
    pub queries: Vec<String>,
    /// What answers what.
    pub relevance: Relevance,
    /// What stands beside that.
    pub beside: Beside,
    /// How rows are compared.
    pub similarity: Similarity,
    /// What was done on the way here that a reader has to know: rows left out, a sample taken. Whole sentences.
    pub notices: Vec<String>,
}

impl Case {
    /// Checks that all parts have as many rows as they need.
    ///
    /// # Errors
    /// Two parts that belong together are of different length, or there are fewer than two documents.
    pub fn checked(self) -> Result<Self, DecideError> {
        let documents = self.documents.len();
        if documents < 2 {
            return Err(DecideError::TooFew { what: "documents", count: documents, least: 2 });
        }
        for model in [&self.old, &self.new] {
            let same = |what: &'static str, found: usize, expected: usize| match found == expected {
                true => Ok(()),
                false => Err(DecideError::Lengths { what, model: model.name.clone(), found, expected }),
            };
            same("documents", model.documents.count(), documents)?;
            same("queries", model.queries.as_ref().map_or(0, Vectors::count), self.queries.len())?;
            if let Some(queries) = &model.queries
                && queries.dims() != model.documents.dims()
            {
                return Err(DecideError::Dims {
                    model: model.name.clone(),
                    queries: queries.dims(),
                    documents: model.documents.dims(),
                });
            }
        }
        if !self.beside_fits() {
            return Err(DecideError::Beside);
        }
        match &self.relevance {
            Relevance::Unknown => {}
            Relevance::Judged(judged) | Relevance::Shared(judged) if judged.len() == self.queries.len() => {
                if judged.iter().flatten().any(|&(document, grade)| document >= documents || grade <= 0.0) {
                    return Err(DecideError::Judgement);
                }
            }
            Relevance::Labels { documents: labels, queries, .. }
                if labels.len() == documents && queries.len() == self.queries.len() => {}
            Relevance::Judged(_) | Relevance::Shared(_) | Relevance::Labels { .. } => {
                return Err(DecideError::Relevance);
            }
        }
        Ok(self)
    }

    /// The labels of documents and those of queries, where there are any and a row has one at most: what says what is relevant, or what stands
    /// beside that.
    pub fn labels(&self) -> Option<[&[Option<u32>]; 2]> {
        match (&self.relevance, &self.beside.labels) {
            (Relevance::Labels { documents, queries, .. }, _) => Some([documents, queries]),
            (Relevance::Judged(_), Some(Labels { documents, queries, .. })) => Some([documents, queries]),
            (Relevance::Judged(_) | Relevance::Shared(_) | Relevance::Unknown, _) => None,
        }
    }

    /// The documents that are relevant to a query, with their grades, where they are listed query by query; none where labels of one a row
    /// say it, or nothing does.
    pub fn judged(&self, query: usize) -> &[(usize, f32)] {
        match &self.relevance {
            Relevance::Judged(lists) | Relevance::Shared(lists) => lists.get(query).map_or(&[], Vec::as_slice),
            Relevance::Labels { .. } | Relevance::Unknown => &[],
        }
    }

    /// Whether a document is known to be relevant to a query (to another document, where these ask).
    pub fn answers(&self, query: usize, document: usize) -> bool {
        match &self.relevance {
            Relevance::Unknown => false,
            Relevance::Judged(_) | Relevance::Shared(_) => {
                self.judged(query).iter().any(|&(relevant, _)| relevant == document)
            }
            Relevance::Labels { documents, queries, .. } => {
                let asking = if self.asks_with_documents() { documents } else { queries };
                let [asked, found] = [asking.get(query), documents.get(document)].map(|label| label.copied().flatten());
                asked.is_some() && asked == found
            }
        }
    }

    /// Whether what stands beside is as long as what it stands beside.
    fn beside_fits(&self) -> bool {
        let (documents, queries) = (self.documents.len(), self.queries.len());
        let Beside { labels, tasks, texts } = &self.beside;
        labels.as_ref().is_none_or(|labels| labels.documents.len() == documents && labels.queries.len() == queries)
            && tasks.as_ref().is_none_or(|tasks| tasks.of.len() == queries)
            && texts.as_ref().is_none_or(|texts| texts.documents.len() == documents && texts.queries.len() == queries)
    }

    /// What is asked at a place, where texts are known: by a query, or by a document where these ask.
    pub fn asked_text(&self, place: usize) -> Option<&str> {
        let texts = self.beside.texts.as_ref()?;
        let texts = if self.asks_with_documents() { &texts.documents } else { &texts.queries };
        texts.get(place).map(String::as_str)
    }

    /// Whether documents are their own queries, each of which never finds itself.
    pub fn asks_with_documents(&self) -> bool {
        self.queries.is_empty()
    }
}
