//! A case from the doctor to the study.

use std::borrow::Cow;

use super::{
    Kept, Study, notices,
    progress::{EXAMINED, Progress, RANKED},
};
use crate::{
    Case, DecideError, Pulse, Relevance,
    doctor::{self, Examination, Severity},
    judge::Metric,
    options::{
        Choice, OptionRow, Settings,
        costs::Ledger,
        table::Table,
        workbench::{Opened, Workbench},
    },
    rank::Ranking,
};

/// Documents of a ranking that the mean average precision of a label looks at, at least.
const LABEL_DEPTH: usize = 100;

/// Measures a case. `with_ids` says that rows were joined by ids, so that rows which do not seem to belong together are no reason to stop.
///
/// `stage` is told what is being done and the share of the whole that is, in `0..=1`; an error that it returns ends the study at once. The
/// same case and settings give the same study, bit for bit.
///
/// # Errors
/// The doctor refuses the vectors (the error says why), nothing can be asked, `k` is 0, or `stage` broke it off.
pub fn study(
    case: &Case,
    with_ids: bool,
    settings: &Settings,
    stage: &mut dyn FnMut(&str, f64) -> Result<(), DecideError>,
) -> Result<(Study, Kept), DecideError> {
    let settings = sound(settings, case)?;
    let mut progress = Progress::new(stage);
    progress.chapter(EXAMINED, 1.0);
    let (case, examination) = progress.step("examining the vectors", 1.0, |pulse| examined(case, with_ids, pulse))?;
    progress.chapter(RANKED, 1.0);
    let opened = progress.step("ranking by both models", 1.0, |pulse| Workbench::open(&case, &settings, pulse))?;
    let Opened { bench, deep, judged_on, notices } = opened;

    let mut run = Run::new(&bench, progress);
    run.notices = case.notices.iter().cloned().chain(notices).collect();
    run.notices.extend(notices::lengths(case.similarity, are_unit(&examination)));
    run.options(&deep)?;
    let needed = run.needed();
    let mixed = run.mixed()?;
    let thresholds = run.thresholds()?;
    let pairs = run.pairs()?;
    let tasks = run.tasks();
    run.progress.step("done", 1.0, |pulse| pulse(1.0))?;
    let Run { deciding, rows, mut kept, notices, .. } = run;
    kept.asked.clone_from(&bench.asked);

    let known = case.relevance != Relevance::Unknown;
    let study = Study {
        old: case.old.name.clone(),
        new: case.new.name.clone(),
        documents: case.documents.len(),
        queries: case.queries.len(),
        judged: if known { bench.asked.len() } else { 0 },
        relevance: notices::relevance(&case, settings.k),
        deciding,
        k: settings.k,
        seed: settings.seed,
        fitted_on: bench.fit_rows.len(),
        judged_on,
        rows,
        needed,
        mixed,
        thresholds,
        pairs,
        tasks,
        examination,
        notices,
    };
    Ok((study, kept))
}

/// Settings with which everything can be measured: rankings are deep enough for every metric, and no family is named twice.
fn sound(settings: &Settings, case: &Case) -> Result<Settings, DecideError> {
    if settings.k == 0 {
        let why = "k is 0; answer queries with at least one document".to_owned();
        return Err(DecideError::Undefined { what: "a score", why });
    }
    let mut families = Vec::new();
    for &family in &settings.families {
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let by_labels = Metric::of_case(case).contains(&Metric::LabelMap);
    let least = if by_labels { LABEL_DEPTH.max(settings.k) } else { settings.k };
    Ok(Settings { families, depth: settings.depth.max(least), ..settings.clone() })
}

/// Sees the doctor, who looks at all rows as they came; then those that cannot be compared are left out.
fn examined<'a>(case: &'a Case, with_ids: bool, pulse: Pulse<'_>) -> Result<(Cow<'a, Case>, Examination), DecideError> {
    let examination = doctor::examine(case, with_ids, pulse)?;
    match examination.findings.iter().find(|finding| finding.severity == Severity::Refusal) {
        Some(finding) => Err(DecideError::Undefined { what: "a decision", why: finding.sentence.clone() }),
        None => Ok((notices::prepared(case)?, examination)),
    }
}

fn are_unit(examination: &Examination) -> bool {
    examination.models.iter().all(|health| health.unit)
}

/// A study under way.
pub(super) struct Run<'r, 'a, 'p> {
    pub(super) bench: &'r Workbench<'a>,
    pub(super) deciding: Metric,
    pub(super) table: Table<'r, 'a>,
    pub(super) ledger: Ledger,
    pub(super) progress: Progress<'p>,
    pub(super) rows: Vec<OptionRow>,
    pub(super) kept: Kept,
    pub(super) notices: Vec<String>,
}

impl<'r, 'a, 'p> Run<'r, 'a, 'p> {
    fn new(bench: &'r Workbench<'a>, progress: Progress<'p>) -> Self {
        Self {
            bench,
            deciding: Metric::deciding(bench.case),
            table: Table::new(bench, Metric::of_case(bench.case)),
            ledger: Ledger::of(bench),
            progress,
            rows: Vec::new(),
            kept: Kept::default(),
            notices: Vec::new(),
        }
    }

    /// An option that was ranked, if it could be.
    pub(super) fn settle(
        &mut self,
        choice: Choice,
        found: Result<Ranking, String>,
        mapping: u64,
    ) -> Result<(), DecideError> {
        match found {
            Ok(ranking) => self.judge(choice, ranking, mapping, 0),
            Err(why) => {
                self.refuse(choice, &why);
                Ok(())
            }
        }
    }

    /// Takes an option into the table. Its map takes `mapping` multiplications for a row, and it embeds `touched` documents on its way.
    pub(super) fn judge(
        &mut self,
        choice: Choice,
        ranking: Ranking,
        mapping: u64,
        touched: usize,
    ) -> Result<(), DecideError> {
        let cost = self.ledger.cost(&choice, mapping, touched);
        let (table, kept) = (&self.table, choice.clone());
        let name = format!("judging: {}", choice.name());
        let row = self.progress.step(&name, 1.0, |pulse| table.row(choice, &ranking, cost, pulse))?;
        self.rows.push(row);
        self.kept.rankings.push((kept, ranking));
        Ok(())
    }

    /// Takes an option into the table that cannot be had; `why` is half a sentence.
    pub(super) fn refuse(&mut self, choice: Choice, why: &str) {
        let cost = self.ledger.cost(&choice, 0, 0);
        self.rows.push(Table::refused(choice, cost, format!("Not offered, since {why}.")));
    }
}
