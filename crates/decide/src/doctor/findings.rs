//! What follows from a model's health, in sentences.

use super::{
    Finding, Health, Severity,
    health::Checked,
    rows::{Rows, share},
    words::{NAMED, counted, listed, named, percent, size},
};
use crate::{Case, DecideError, Pulse, Similarity, Vectors};

/// Copies above this share are more than texts that happen to be the same.
const COPIES: f64 = 0.01;
/// Unit rows whose mean is longer point much the same way.
const ONE_WAY: f64 = 0.5;
/// Fewer rows always have a mean that is not short.
const LEAST: usize = 20;
/// An effective rank below this share of what it could be leaves most dims unused.
const FLAT: f64 = 0.1;
/// Lengths within this ratio are the same, and beyond the second one they differ by much.
const LENGTHS: (f64, f64) = (1.02, 2.0);
/// Largest difference of two numbers of unit rows that are the same vector.
const SAME: f64 = 1e-6;
/// Pairs of copies that one sentence names.
const PAIRS: usize = 5;

/// Everything to say about one model's documents or queries; `ids` are theirs.
pub(super) fn of(checked: &Checked, ids: &[String]) -> Vec<Finding> {
    let health = &checked.health;
    let all =
        [zeros(health, ids), copies(checked, ids), mixed(health), constant(checked), one_way(health), flat(checked)];
    all.into_iter().flatten().collect()
}

fn finding(severity: Severity, sentence: String, rows: &[usize]) -> Option<Finding> {
    Some(Finding { severity, sentence, rows: rows.to_vec() })
}

/// `the 40 documents of GloVe`, without the article.
fn whose(health: &Health) -> String {
    format!("{} of {}", counted(health.rows, &health.what), health.model)
}

fn zeros(health: &Health, ids: &[String]) -> Option<Finding> {
    let rows = &health.zero_rows;
    let (what, model) = (&health.what, &health.model);
    match rows.len() {
        0 => None,
        count if count == health.rows => {
            let sentence = format!("All {what} of {model} are zeros, which say nothing. Embed them again.");
            finding(Severity::Refusal, sentence, rows)
        }
        count => {
            let are = if count == 1 { "is" } else { "are" };
            let sentence = format!(
                "{count} of the {} {are} all zeros: {} (counted from 0). A row of zeros has no direction, so nothing \
                 can be compared with it; such rows are left out under both models. Embed them again if they should \
                 count.",
                whose(health),
                named(rows, ids)
            );
            finding(Severity::Warning, sentence, rows)
        }
    }
}

fn copies(checked: &Checked, ids: &[String]) -> Option<Finding> {
    let health = &checked.health;
    let rows = health.rows.saturating_sub(health.zero_rows.len());
    let count = health.duplicate_rows;
    if count == 0 {
        return None;
    }
    if count + 1 == rows {
        let (what, model) = (&health.what, &health.model);
        let sentence = format!(
            "All {what} of {model} are one and the same vector, so that none can be told from another. Check what was \
             embedded."
        );
        return finding(Severity::Refusal, sentence, &[]);
    }
    let pair = |&(first, copy): &(usize, usize)| format!("{} equals {}", named(&[copy], ids), named(&[first], ids));
    let pairs: Vec<String> = health.duplicates.iter().take(PAIRS).map(pair).collect();
    let part = share(count, rows);
    let are = if count == 1 { "is" } else { "are" };
    let sentence = format!(
        "{count} of the {} ({}) {are} number for number the same as an earlier one: {} (counted from 0). Of the same \
         text that is right, and its copies then tie; if the texts differ, they were cut off or a batch was written \
         twice.",
        whose(health),
        percent(part),
        listed(&pairs, count)
    );
    finding(if part > COPIES { Severity::Warning } else { Severity::Note }, sentence, &checked.copies)
}

fn mixed(health: &Health) -> Option<Finding> {
    finding(Severity::Warning, health.two_models.clone()?, &[])
}

fn constant(checked: &Checked) -> Option<Finding> {
    let (health, columns) = (&checked.health, &checked.constant);
    // Where all of them are, the rows are all the same, which is said by itself.
    if columns.is_empty() || columns.len() == health.dims {
        return None;
    }
    let names: Vec<String> = columns.iter().take(NAMED).map(ToString::to_string).collect();
    let are = if columns.len() == 1 { "holds" } else { "hold" };
    let sentence = format!(
        "{} of {} columns {are} the same number in all {}: {} (counted from 0). They tell no rows apart; what is \
         padding can be cut off.",
        columns.len(),
        health.dims,
        whose(health),
        listed(&names, columns.len())
    );
    finding(Severity::Note, sentence, &[])
}

fn one_way(health: &Health) -> Option<Finding> {
    if health.rows < LEAST || health.mean_norm <= ONE_WAY {
        return None;
    }
    let sentence = format!(
        "The {} point much the same way: the mean of their unit vectors has the length {:.2} (0 where directions \
         cancel out, 1 where they are all the same). Their cosines lie close together, and subtracting the mean may \
         help.",
        whose(health),
        health.mean_norm
    );
    finding(Severity::Note, sentence, &[])
}

fn flat(checked: &Checked) -> Option<Finding> {
    let (health, most) = (&checked.health, checked.most_rank);
    if most < LEAST || health.effective_rank <= 0.0 || health.effective_rank >= FLAT * most as f64 {
        return None;
    }
    let sentence = format!(
        "The {} spread in few directions: their effective rank is {:.1} of at most {most}. Fewer dims would tell them \
         apart as well.",
        whose(health),
        health.effective_rank
    );
    finding(Severity::Note, sentence, &[])
}

/// What lengths of rows mean for how they are compared.
pub(super) fn lengths(models: &[Health], similarity: Similarity) -> Vec<Finding> {
    let (used, other) = match similarity {
        Similarity::Cosine => ("cosine", "inner product"),
        Similarity::InnerProduct => ("inner product", "cosine"),
    };
    let models: Vec<&Health> = models.iter().filter(|health| health.norm.most > 0.0).collect();
    if models.is_empty() {
        return Vec::new();
    }
    let note = |sentence: String| vec![Finding { severity: Severity::Note, sentence, rows: Vec::new() }];
    if models.iter().all(|health| health.unit) {
        return note(format!(
            "All vectors are as long as 1 within 1 %, so inner product and cosine are the same; {used} is used."
        ));
    }
    let ratio = |health: &Health| health.norm.most / health.norm.least;
    // How long a query is changes no ranking.
    let documents = || models.iter().copied().filter(|health| health.what == "documents");
    let mut found = Vec::new();
    for health in documents().filter(|health| ratio(health) > LENGTHS.0) {
        let severity = match similarity {
            Similarity::InnerProduct if ratio(health) > LENGTHS.1 => Severity::Warning,
            _ => Severity::Note,
        };
        let sentence = format!(
            "The {} are of different length ({} to {}, median {}), so inner product and cosine rank them differently; \
             {used} is used. If the index compares by {other}, choose that.",
            whose(health),
            size(health.norm.least),
            size(health.norm.most),
            size(health.norm.median)
        );
        found.push(Finding { severity, sentence, rows: Vec::new() });
    }
    if found.is_empty() {
        found = note(format!(
            "The documents of each model are as long as one another within 2 %, so inner product and cosine rank them \
             alike; {used} is used."
        ));
    }
    if similarity == Similarity::InnerProduct {
        found.extend(documents().filter_map(|health| beyond(health, &models)));
    }
    found
}

/// A refusal where inner products with these documents overflow.
fn beyond(documents: &Health, models: &[&Health]) -> Option<Finding> {
    let longest = models.iter().filter(|health| health.model == documents.model).map(|health| health.norm.most);
    if documents.norm.most * longest.fold(0.0, f64::max) <= f64::from(f32::MAX) {
        return None;
    }
    let sentence = format!(
        "The {} are as long as {}, and their inner products are beyond what 32 bits hold. Compare by cosine, or scale \
         the vectors down.",
        whose(documents),
        size(documents.norm.most)
    );
    finding(Severity::Refusal, sentence, &[])
}

/// A note where both models have the very same vectors.
pub(super) fn same(case: &Case, pulse: Pulse<'_>) -> Result<Option<Finding>, DecideError> {
    let (old, new) = (&case.old, &case.new);
    if !alike(&old.documents, &new.documents, pulse)? {
        return Ok(None);
    }
    let queries = match (&old.queries, &new.queries) {
        (Some(old), Some(new)) => alike(old, new, &mut |_| pulse(1.0))?,
        _ => true,
    };
    let (old, new) = (&old.name, &new.name);
    let sentence = match queries {
        true => format!(
            "Nothing changed: {old} and {new} have the very same vectors, but for their lengths and roundings below \
             0.000001."
        ),
        false => format!(
            "The documents of {old} and {new} are the very same vectors and the queries are not: only how queries are \
             embedded changed, and no document needs a new vector."
        ),
    };
    Ok(finding(Severity::Note, sentence, &[]))
}

/// Whether all unit rows are equal.
fn alike(old: &Vectors, new: &Vectors, pulse: Pulse<'_>) -> Result<bool, DecideError> {
    let count = old.count();
    if (old.dims(), count) != (new.dims(), new.count()) || old.is_empty() {
        return Ok(false);
    }
    for row in 0..count {
        if row.is_multiple_of(1024) {
            pulse(share(row, count))?;
        }
        let (x, y) = (Rows::unit(old, [row]), Rows::unit(new, [row]));
        if x.iter().flatten().zip(y.iter().flatten()).any(|(x, y)| (x - y).abs() > SAME) {
            return Ok(false);
        }
    }
    Ok(true)
}
