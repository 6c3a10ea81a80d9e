//! From embeddings to the events that carry scores, rankings, the map and the verdict.

use std::collections::BTreeMap;

use measure::backfill::{MixedIndex, Order};
use measure::compatibility::UpgradeScores;
use measure::cosines::Cosines;
use measure::projection::Pca;
use measure::regression::Flips;
use measure::similarity::linear_cka_debiased;
use measure::{Features, Items, Retrieval, RetrievalSummary, retrieve_counting};
use protocol::{Backfill, BackfillOrder, BackfillPoint, Cell, Cost, Event, ModelId, Packed, Rates, Scores, Verdict};

use crate::LabError;
use crate::counts::TEST_ITEMS;
use crate::images::TestImages;
use crate::stored::Embedded;

/// Gallery items kept per query for the retrieval strips.
pub(crate) const DEPTH: usize = 10;

/// Scores of a ranking as the protocol has them.
fn rates(summary: RetrievalSummary) -> Result<Rates, LabError> {
    Ok(Rates {
        map: summary.map,
        cmc1: summary.cmc1,
        cmc5: summary.cmc5,
        recall10: summary.recall10,
        queries: TEST_ITEMS.count(summary.queries)?,
        ambiguous: TEST_ITEMS.count(summary.ambiguous_queries)?,
    })
}

/// Ids of the first `count` test items.
fn ids(count: usize) -> Result<Packed<u16>, LabError> {
    Ok(Packed((0..count).map(|item| TEST_ITEMS.number(item)).collect::<Result<_, _>>()?))
}

/// The query set and the gallery of a measurement: the first so many test items of each.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) queries: usize,
    pub(crate) gallery: usize,
}

/// One pair of models, measured.
pub(crate) struct Measured {
    pub(crate) cell: Cell,
    retrieval: Retrieval,
    extent: Extent,
}

impl Measured {
    /// Ranks the gallery of one model for the queries of another. `seen` is the number of classes that the first stage
    /// was trained on.
    pub(crate) fn new(
        (query, query_rows): (ModelId, &Embedded),
        (gallery, gallery_rows): (ModelId, &Embedded),
        test: &TestImages,
        extent: Extent,
        seen: u32,
    ) -> Result<Self, LabError> {
        Self::counting((query, query_rows), (gallery, gallery_rows), test, extent, seen, None)
    }

    /// The same, which also counts the cosines of what it ranks.
    pub(crate) fn counting(
        (query, query_rows): (ModelId, &Embedded),
        (gallery, gallery_rows): (ModelId, &Embedded),
        test: &TestImages,
        extent: Extent,
        seen: u32,
        cosines: Option<&mut Cosines>,
    ) -> Result<Self, LabError> {
        let Extent { queries, gallery: size } = extent;
        let items = |rows: &[u32], count: usize| rows.get(..count).unwrap_or(rows).to_vec();
        let (query_labels, query_ids) = (items(&test.labels, queries), items(&test.ids, queries));
        let (gallery_labels, gallery_ids) = (items(&test.labels, size), items(&test.ids, size));
        let query_items = Items::new(query_rows.first(queries)?, &query_labels, &query_ids)?;
        let gallery_items = Items::new(gallery_rows.first(size)?, &gallery_labels, &gallery_ids)?;
        let retrieval = retrieve_counting(&query_items, &gallery_items, DEPTH, cosines)?;
        let group = |wanted: bool| {
            let summary =
                retrieval.over(|index| query_labels.get(index).is_some_and(|&label| (label < seen) == wanted));
            summary.summary().map(rates).transpose()
        };
        let all = retrieval.summary().map(rates).transpose()?.unwrap_or_default();
        let cell = Cell { query, gallery, all, seen: group(true)?, unseen: group(false)? };
        Ok(Self { cell, retrieval, extent })
    }

    /// The best gallery items of every query.
    ///
    /// # Errors
    /// [`LabError::Data`] if there are more test items than ids.
    pub(crate) fn ranking(&self, step: u32) -> Result<Event, LabError> {
        let items = self.retrieval.queries.iter().flat_map(|query| &query.top);
        let items = items.map(|&item| TEST_ITEMS.number(item as usize)).collect::<Result<_, _>>()?;
        let precisions = self.retrieval.queries.iter();
        let precisions = precisions.map(|query| query.average_precision().map_or(f32::NAN, |value| value as f32));
        Ok(Event::RankingMeasured {
            query: self.cell.query,
            gallery: self.cell.gallery,
            step,
            queries: ids(self.extent.queries)?,
            items: Packed(items),
            depth: TEST_ITEMS.count(DEPTH.min(self.extent.gallery.saturating_sub(1)))?,
            precisions: Packed(precisions.collect()),
        })
    }

    /// Cosines that were counted for it.
    pub(crate) fn scores(&self, cosines: &Cosines) -> Event {
        let Cell { query, gallery, .. } = self.cell;
        let (same, different) = (Packed(cosines.same()), Packed(cosines.different()));
        Event::ScoresMeasured { scores: Scores { query, gallery, same, different, auc: cosines.auc() } }
    }
}

/// The plane of the map: fitted once on the first model's gallery, so that axes stay still for the whole run.
pub(crate) struct Plane(Pca);

impl Plane {
    /// Fits the plane. Two dims are one as they are.
    pub(crate) fn fit(gallery: &Embedded) -> Result<Self, LabError> {
        let fitted = Pca::fit(&gallery.features()?, 2)?;
        Ok(Self(match gallery.dims {
            2 => Pca { mean: vec![0.0; 2], axes: vec![1.0, 0.0, 0.0, 1.0], ..fitted },
            _ => fitted,
        }))
    }

    /// Where rows lie on the plane, x and y of each, by the prefix that the plane's model is compared on.
    pub(crate) fn points(&self, features: &Features) -> Result<Vec<f32>, LabError> {
        let (dims, width) = (self.0.dim(), features.dim());
        // A narrower model is compared on the dims it has, which is the same as zeros in the others.
        let padded: Vec<f32> = match width < dims {
            true => features
                .iter()
                .flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, dims - width)))
                .collect(),
            false => features.prefix(dims)?,
        };
        Ok(self.0.project(&Features::new(&padded, dims)?)?)
    }

    /// Puts the first `count` embeddings on the plane.
    pub(crate) fn project(&self, model: ModelId, rows: &Embedded, step: u32, count: usize) -> Result<Event, LabError> {
        let features = rows.first(count)?;
        let points = self.points(&features)?;
        Ok(Event::EmbeddingsProjected {
            model,
            step,
            items: ids(features.rows())?,
            points: Packed(points),
            explained: self.0.explained_variance_ratio.iter().sum(),
        })
    }
}

/// Judges a deployed model against one that it goes on from, beside its ceiling.
///
/// # Errors
/// [`LabError::Missing`] if a pair was not measured.
pub(crate) fn verdict(
    (new, old, star): (ModelId, ModelId, ModelId),
    matrix: &[Measured],
    galleries: &BTreeMap<ModelId, Embedded>,
    (branch, cost): (Option<Rates>, Cost),
) -> Result<Verdict, LabError> {
    let pair = |query: ModelId, gallery: ModelId| {
        let found = matrix.iter().find(|measured| measured.cell.query == query && measured.cell.gallery == gallery);
        found.ok_or_else(|| LabError::Missing(format!("The pair {query}/{gallery}")))
    };
    let rows =
        |model: ModelId| galleries.get(&model).ok_or_else(|| LabError::Missing(format!("The gallery of {model}")));
    let (old_old, new_old, new_new) = (pair(old, old)?, pair(new, old)?, pair(new, new)?);
    let (ceiling, independent_old) = (pair(star, star)?, pair(star, old)?);
    let scores = |value: fn(&Rates) -> f64| UpgradeScores {
        old: value(&old_old.cell.all),
        cross: value(&new_old.cell.all),
        new: value(&new_new.cell.all),
        oracle: value(&ceiling.cell.all),
    };
    let by_map = scores(|rates| rates.map);
    let flips = Flips::between(&old_old.retrieval.top1_correct(), &new_old.retrieval.top1_correct())?;
    let seen = |measured: &Measured| measured.cell.seen.unwrap_or(measured.cell.all).map;
    let cka = |model: ModelId| -> Result<f64, LabError> {
        Ok(linear_cka_debiased(&rows(model)?.features()?, &rows(old)?.features()?)?)
    };
    Ok(Verdict {
        new,
        old,
        old_old: old_old.cell.all,
        new_old: new_old.cell.all,
        new_new: new_new.cell.all,
        branch,
        ceiling: ceiling.cell.all,
        independent_old: independent_old.cell.all,
        compatible_map: by_map.is_compatible(),
        compatible_cmc1: scores(|rates| rates.cmc1).is_compatible(),
        update_gain: by_map.update_gain(),
        tax: by_map.tax(),
        nfr: flips.negative_rate().unwrap_or_default(),
        pfr: flips.positive_rate().unwrap_or_default(),
        forgetting_reindexed: seen(old_old) - seen(new_new),
        forgetting_frozen: seen(old_old) - seen(new_old),
        cka_new: cka(new)?,
        cka_independent: cka(star)?,
        cost,
    })
}

/// Shares of the gallery that are re-embedded, in tenths.
const TENTHS: u32 = 10;

/// What new queries find while an old gallery is re-embedded. `asked` are the queries as they meet items that are still
/// old, `items` the old gallery as it is then compared.
pub(crate) fn backfill(
    (query, new, asked): (ModelId, &Embedded, &Embedded),
    (gallery, items): (ModelId, &Embedded),
    test: &TestImages,
    (order, by): (BackfillOrder, &Order),
    dual: bool,
) -> Result<Backfill, LabError> {
    let queries = Items::new(new.features()?, &test.labels, &test.ids)?;
    let old = Items::new(items.features()?, &test.labels, &test.ids)?;
    let index = MixedIndex::new(queries, old, new.features()?)?.with_old_query(asked.features()?)?;
    let fractions: Vec<f64> = (0..=TENTHS).map(|tenth| f64::from(tenth) / f64::from(TENTHS)).collect();
    let curve = index.backfill(by, &fractions)?;
    let point = |point: &measure::backfill::BackfillPoint| BackfillPoint {
        fraction: point.fraction,
        map: point.scores.map,
        cmc1: point.scores.cmc1,
    };
    Ok(Backfill {
        query,
        gallery,
        order,
        dual,
        points: curve.points.iter().map(point).collect(),
        area: curve.area(|scores| scores.map).unwrap_or_default(),
        dip: curve.dip(|scores| scores.map).unwrap_or_default(),
    })
}

/// What a random ranking scores when every test item is query and gallery item.
pub(crate) fn chance(test: &TestImages) -> Result<Rates, LabError> {
    // Chance depends on labels alone; one dim of zeros stands for the embedding.
    let nothing = vec![0.0; test.len()];
    let items = Items::new(Features::new(&nothing, 1)?, &test.labels, &test.ids)?;
    Ok(measure::chance::chance_level(&items, &items).map(rates).transpose()?.unwrap_or_default())
}
