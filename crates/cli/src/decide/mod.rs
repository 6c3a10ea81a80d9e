//! Re-index, bridge, cascade or stay: what to do when the embedding model changes, measured on one's own queries.

mod arguments;
mod floor;
mod gather;
mod progress;
mod table;
mod write;

use std::process::ExitCode;
use std::time::Instant;

use import::vectors::{Gathered, gather_from, stage_in_words};

pub use arguments::{AFTER, DecideArguments};
use progress::Teller;

/// A file or the measurement failed.
const FAILED: u8 = 1;
/// A score that was asked for was not reached.
const BELOW: u8 = 3;
/// It is not known which model is old.
const WHICH: u8 = 4;

/// Decides what the arguments say, and gives the exit code.
pub fn run(arguments: &DecideArguments) -> ExitCode {
    let mut teller = Teller::new();
    let done = answer(arguments, &mut teller);
    teller.end();
    match done {
        Ok(code) => code,
        Err(fault) => {
            write::say(&format!("upgrade-lab: {fault:#}"));
            ExitCode::from(FAILED)
        }
    }
}

fn answer(arguments: &DecideArguments, teller: &mut Teller<std::io::Stderr>) -> anyhow::Result<ExitCode> {
    let (sources, gathering) = gather::sources(arguments)?;
    let gathered = gather_from(sources, &gathering, &mut |progress| {
        teller.tell(stage_in_words(progress.stage), progress.share);
    })?;
    let (case, with_ids) = match gathered {
        Gathered::Case { case, with_ids } => (case, with_ids),
        Gathered::WhichIsOld { models, why } => {
            teller.end();
            write::say(&format!("upgrade-lab: {why}; say it with --old NAME or --new NAME"));
            write::print(&models.join("\n"))?;
            return Ok(ExitCode::from(WHICH));
        }
    };
    let settings = arguments.settings();
    let (mut study, kept) = decide::study::study(&case, with_ids, &settings, &mut |stage, share| {
        teller.tell(stage, share);
        Ok(())
    })?;
    let start = Instant::now();
    decide::study::timed(&mut study, &kept, &case, &mut || start.elapsed().as_secs_f64() * 1e3)?;
    let verdict = decide::verdict::verdict(&study, &settings);
    teller.tell("writing", 1.0);
    let mut text = table::text(&case, &study, &verdict);
    if let Some(out) = &arguments.out {
        let left = decide::files::files(&case, &study, &kept, &verdict)?;
        write::all(out, &left)?;
        for sentence in &left.said {
            text += &format!("{}/{sentence}\n", out.display());
        }
        text += &format!("\nWrote {}\n", out.join("report.html").display());
    }
    teller.end();
    write::print(&text)?;
    let missed: Vec<String> =
        arguments.fail_below.iter().filter_map(|floor| floor.missed(&study, verdict.decision)).collect();
    missed.iter().for_each(|sentence| write::say(&format!("upgrade-lab: {sentence}")));
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(BELOW) })
}
