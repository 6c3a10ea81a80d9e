//! The report for people.

use std::fmt::Write as _;

use measure::statistics::POWER;
use protocol::{ClaimMetric, Finding, UpgradeKind};

use super::judge::{Judged, Other, Page, Told};

/// Stands where there is nothing.
const NOTHING: &str = "\u{2013}";

/// The report as Markdown.
pub fn markdown(page: &Page) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(page, &mut text);
    text
}

fn write(page: &Page, text: &mut String) -> std::fmt::Result {
    let Page { command, machine, quick, runs: [there, all], seconds, rows, .. } = page;
    let missing = match all - there.min(all) {
        0 => String::new(),
        missing => {
            format!("**{missing} of {all} runs are still to come**, so intervals are wider here than they will be. ")
        }
    };
    writeln!(text, "# Claims at this scale\n")?;
    if *quick {
        writeln!(
            text,
            "**A smoke test of the machinery: hardly anything was trained, so the findings say nothing.**\n"
        )?;
    }
    writeln!(
        text,
        "{missing}Made by `{command}` on the CPU engine ({machine}); {there} runs, as many beside each other as there are cores, took {:.0} min together. What \
         each run found lies in [claims/runs.jsonl](claims/runs.jsonl), a line each with the commit that made it: the \
         command runs what is missing there and judges all of it, and `cargo xtask claims -- --check 10` runs some of them once more. \
         [recompute.py](recompute.py) computes the scores of a run from its exported weights, and [rejudge.py](rejudge.py) every cell of this \
         page from what the runs found, without any of the lab's code. Another \
         processor moves a number by up to 0.3 points (an AMD against an Intel).\n",
        seconds / 60.0
    )?;
    writeln!(text, "## In short\n")?;
    summary(rows, text)?;
    writeln!(text, "\n## How it is judged\n")?;
    writeln!(
        text,
        "A run is a seed, from 101 on, under an order of the classes, which decides which of them the old model knows; nothing was \
         chosen on these seeds. The settings of methods were chosen on held-out *training* images with other seeds and orders (*What \
         was chosen*), and presets have them; what else a preset sets, such as epochs, was once put together on test images with seeds 1 \
         to 3, which its file says (*What presets set beside that*). Within a run every method \
         has the same data, order of images, augmentation and schedule.\n\n\
         A claim *holds* or *does not hold* where the p-value of its rule is at most 5 % after Holm's correction over all {} rules of \
         this page, else it is *within noise*; a number that is the same in every run needs no p-value, and says nothing where it is the bound itself. The number is judged by the score that the paper uses; what the other score finds, by \
         itself and without correction, stands beside it. *95 %* is the interval of the mean over runs: it speaks of other seeds under \
         these orders of classes. *Other orders* is a bootstrap over orders, and over seeds under each: of three orders it can only be too \
         narrow. *Other images* and *other classes* are bootstraps over runs and images, or runs and whole classes, of \
         differences that pair by query; where one of them reaches over the bound the finding is one about these images or these \
         classes. *g* is the distance from the bound in standard deviations over runs, with its interval. *Sees* is the smallest \
         difference that so many runs find in {:.0} % of all repetitions. Points are hundredths of mAP or top-1 over all test \
         queries. Digits end where the noise begins.\n",
        rows.iter().filter(|row| row.told.as_ref().is_some_and(|told| told.p.is_some())).count(),
        100.0 * POWER
    )?;
    let mut kinds: Vec<UpgradeKind> = Vec::new();
    for row in rows {
        if !kinds.contains(&row.kind) {
            kinds.push(row.kind);
        }
    }
    for kind in kinds {
        writeln!(text, "## {}\n", kind.title())?;
        let of_kind: Vec<&Judged> = rows.iter().filter(|row| row.kind == kind).collect();
        family(&of_kind, text)?;
    }
    chosen(page, text)?;
    looked(page, text)
}

/// How many of what, by data and score.
fn summary(rows: &[Judged], text: &mut String) -> std::fmt::Result {
    const FINDINGS: [Finding; 4] = [Finding::Holds, Finding::Fails, Finding::WithinNoise, Finding::NotMeasured];
    let groups = |row: &Judged| (row.claim.on.clone(), score(row.claim.metric));
    let mut all: Vec<(String, &str)> = Vec::new();
    for row in rows {
        let group = groups(row);
        if !all.contains(&group) {
            all.push(group);
        }
    }
    writeln!(text, "| data | by | rules | holds | does not hold | within noise | not measured |")?;
    writeln!(text, "| --- | --- | ---: | ---: | ---: | ---: | ---: |")?;
    for group in all {
        let of_group: Vec<&Judged> = rows.iter().filter(|row| groups(row) == group).collect();
        let counts = FINDINGS.map(|finding| of_group.iter().filter(|row| row.claim.finding == finding).count());
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        writeln!(text, "| {} | {} | {} | {} |", group.0, group.1, of_group.len(), counts.join(" | "))?;
    }
    Ok(())
}

fn score(metric: Option<ClaimMetric>) -> &'static str {
    metric.map_or(NOTHING, ClaimMetric::in_words)
}

/// The claims of a kind of change.
fn family(rows: &[&Judged], text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "| id | claim | of | by | rule | runs | mean | 95 % | by order of classes | other orders | other images | other classes | g | sees | p | finding | by the other score | s |"
    )?;
    writeln!(
        text,
        "| --- | --- | --- | --- | --- | ---: | ---: | --- | --- | --- | --- | --- | --- | ---: | ---: | --- | --- | ---: |"
    )?;
    rows.iter().try_for_each(|row| line(row, text))?;
    let told: Vec<&&Judged> = rows.iter().filter(|row| !row.published.is_empty() || !row.differs.is_empty()).collect();
    if !told.is_empty() {
        writeln!(text, "\n| id | published | why it may differ here |")?;
        writeln!(text, "| --- | --- | --- |")?;
        for row in told {
            let or = |words: &'static str| if words.is_empty() { NOTHING } else { words };
            writeln!(text, "| {} | {} | {} |", row.claim.id, or(row.published), or(row.differs))?;
        }
    }
    writeln!(text)
}

fn line(row: &Judged, text: &mut String) -> std::fmt::Result {
    let claim = &row.claim;
    let finding = match claim.finding {
        Finding::Fails => format!("**{}**", claim.finding.in_words()),
        other => other.in_words().to_owned(),
    };
    let digits = row.told.as_ref().map_or(1, digits);
    let number = |value: f64| fixed(value, digits);
    let range = |range: Option<[f64; 2]>| {
        range.map_or(NOTHING.to_owned(), |[low, high]| format!("{} to {}", number(low), number(high)))
    };
    let told = |of: &dyn Fn(&Told) -> String| row.told.as_ref().map_or(NOTHING.to_owned(), of);
    let runs = match claim.runs as usize == row.designed {
        true => claim.runs.to_string(),
        false => format!("{} of {}", claim.runs, row.designed),
    };
    writeln!(
        text,
        "| {} | {} ({}) | {} | {} | {} {} | {runs} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {finding} | {} | {:.0} |",
        claim.id,
        claim.claim,
        claim.on,
        claim.paper,
        score(claim.metric),
        claim.rule,
        claim.bound.in_words(),
        claim.mean.map_or(NOTHING.to_owned(), number),
        range(claim.interval),
        told(&|told| by_order(told, digits)),
        told(&|told| range(told.over_orders)),
        told(&|told| range(told.over_images)),
        told(&|told| range(told.over_classes)),
        told(&|told| told.effect.map_or(NOTHING.to_owned(), |[g, low, high]| format!(
            "{} ({} to {})",
            fixed(g, 1),
            fixed(low, 1),
            fixed(high, 1)
        ))),
        told(&|told| told.detectable.map_or(NOTHING.to_owned(), number)),
        row.p_corrected.map_or(NOTHING.to_owned(), p),
        row.other.as_ref().map_or(NOTHING.to_owned(), other),
        row.seconds,
    )
}

/// What the other score finds.
fn other(other: &Other) -> String {
    let digits = digits(&other.told);
    let mean = fixed(other.told.mean, digits);
    format!("{}: {mean}, {}", other.metric.in_words(), other.finding.in_words())
}

/// The mean under each order of the classes, where there are several.
fn by_order(told: &Told, digits: usize) -> String {
    let mut orders: Vec<u32> = told.values.iter().map(|value| value.order).collect();
    orders.sort_unstable();
    orders.dedup();
    if orders.len() < 2 {
        return NOTHING.to_owned();
    }
    let of = |order: u32| {
        let of_order: Vec<f64> =
            told.values.iter().filter(|value| value.order == order).map(|value| value.value).collect();
        measure::statistics::mean(&of_order).map_or(NOTHING.to_owned(), |mean| fixed(mean, digits))
    };
    orders.into_iter().map(of).collect::<Vec<_>>().join(", ")
}

/// Digits behind the point: none that is smaller than the error of the mean.
fn digits(told: &Told) -> usize {
    let error = told.deviation.map_or(0.0, |deviation| deviation / (told.values.len().max(1) as f64).sqrt());
    match error {
        error if error >= 1.0 => 0,
        error if error >= 0.1 => 1,
        error if error >= 0.01 => 2,
        _ => 3,
    }
}

/// A number with so many digits behind the point.
fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    // No number is less than nothing.
    let text = if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    };
    text.replace('-', "\u{2212}")
}

/// A p-value.
fn p(value: f64) -> String {
    if value < 0.001 { "< 0.001".to_owned() } else { format!("{value:.3}") }
}

/// What was chosen, and among what.
fn chosen(page: &Page, text: &mut String) -> std::fmt::Result {
    if page.chosen.is_empty() {
        return Ok(());
    }
    writeln!(text, "## What was chosen\n")?;
    writeln!(
        text,
        "Each method had the same budget: the scale of the cosine logits, then a third and three times of its weight. A fifth of the \
         training images stood in for the test images, with seeds and orders of the classes that are not reported. The score is the \
         mean of mAP and top-1 over self-test and cross-test, of the independent model over the self-test. The command is \
         `cargo xtask claims -- --choose`.\n"
    )?;
    writeln!(text, "| preset | method | scale | other than by default | score | tried |")?;
    writeln!(text, "| --- | --- | ---: | --- | ---: | --- |")?;
    for settings in &page.chosen {
        let values: Vec<String> = settings.values.iter().map(|(id, value)| format!("{id} {}", short(*value))).collect();
        let score = |tried: &lab::claims::chosen::Tried| fixed(tried.score(), 1);
        let tried = settings.tried.iter().map(|tried| {
            let weight = tried.weight.map(|weight| format!(", {}", short(weight))).unwrap_or_default();
            format!("{}{weight}: {}", short(tried.scale), score(tried))
        });
        let best = settings.tried.iter().map(lab::claims::chosen::Tried::score).fold(f64::NEG_INFINITY, f64::max);
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            settings.preset,
            settings.method,
            short(settings.scale),
            if values.is_empty() { NOTHING.to_owned() } else { values.join(", ") },
            fixed(best, 1),
            tried.collect::<Vec<_>>().join("; ")
        )?;
    }
    Ok(())
}

/// What presets set beside that, and what else they score.
fn looked(page: &Page, text: &mut String) -> std::fmt::Result {
    if page.looked.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n## What presets set beside that\n\nEpochs, rate and extra dims are those of presets that were put together on test images. The same \
         command looks at others on the held-out images of the choice, one at a time and in the new model alone. Nothing is changed by it: all methods \
         of a preset have the same schedule. In brackets stand the scores of the two runs.\n"
    )?;
    writeln!(text, "| preset | method | as it is | otherwise |")?;
    writeln!(text, "| --- | --- | --- | --- |")?;
    let scores = |scores: &[f64]| {
        let each: Vec<String> = scores.iter().map(|&score| fixed(score, 1)).collect();
        format!("{} ({})", fixed(measure::statistics::mean(scores).unwrap_or_default(), 1), each.join(", "))
    };
    for base in page.looked.iter().filter(|it| it.with.is_empty()) {
        let of_it = page.looked.iter().filter(|it| (&it.preset, &it.method) == (&base.preset, &base.method));
        let others = of_it.filter(|it| !it.with.is_empty()).map(|it| format!("{}: {}", it.with, scores(&it.scores)));
        let others: Vec<String> = others.collect();
        writeln!(text, "| {} | {} | {} | {} |", base.preset, base.method, scores(&base.scores), others.join("; "))?;
    }
    Ok(())
}

/// A setting.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_a_person_reads_them() {
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(fixed(-1.25, 2), "\u{2212}1.25");
        assert_eq!(
            (short(0.333_333), short(10.0), p(0.000_2), p(0.04)),
            ("0.333".into(), "10".into(), "< 0.001".into(), "0.040".into())
        );
    }
}
