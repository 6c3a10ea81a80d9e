//! How far it is, on stderr: one line that is written anew on a terminal, else a line for each stage.

use std::io::{IsTerminal as _, Write};
use std::time::{Duration, Instant};

/// Longest text of a line, so that it never breaks.
const WIDTH: usize = 70;
/// A line is not written anew before.
const REST: Duration = Duration::from_millis(100);

/// Tells of stages.
pub struct Teller<W: Write> {
    out: W,
    anew: bool,
    stage: String,
    last: Option<Instant>,
}

impl Teller<std::io::Stderr> {
    /// On stderr.
    pub fn new() -> Self {
        let out = std::io::stderr();
        let anew = out.is_terminal();
        Self::on(out, anew)
    }
}

impl<W: Write> Teller<W> {
    fn on(out: W, anew: bool) -> Self {
        Self { out, anew, stage: String::new(), last: None }
    }

    /// Says that of everything this share is done, and what is being done now. Nothing stops where that cannot be written.
    pub fn tell(&mut self, stage: &str, share: f64) {
        let changed = self.stage != stage;
        if changed {
            stage.clone_into(&mut self.stage);
        }
        if !self.anew {
            if changed {
                let _ = writeln!(self.out, "{stage}");
            }
            return;
        }
        if !changed && self.last.is_some_and(|last| last.elapsed() < REST) {
            return;
        }
        self.last = Some(Instant::now());
        let short: String = stage.chars().take(WIDTH).collect();
        let percent = 100.0 * share.clamp(0.0, 1.0);
        let _ = write!(self.out, "\r\x1b[2K{percent:>3.0} %  {short}");
        let _ = self.out.flush();
    }

    /// Takes the line away.
    pub fn end(&mut self) {
        if self.anew && self.last.is_some() {
            let _ = write!(self.out, "\r\x1b[2K");
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(anew: bool) -> String {
        let mut out = Vec::new();
        let mut teller = Teller::on(&mut out, anew);
        for (stage, share) in [("reading", 0.0), ("reading", 0.5), ("ranking", 0.5), ("ranking", 1.0)] {
            teller.tell(stage, share);
        }
        teller.end();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_stage_is_a_line_where_lines_stay() {
        assert_eq!(told(false), "reading\nranking\n");
    }

    #[test]
    fn a_line_is_written_anew_where_that_can_be_seen() {
        let text = told(true);
        assert!(text.starts_with("\r\x1b[2K  0 %  reading") && text.contains("\r\x1b[2K 50 %  ranking"), "{text:?}");
        assert!(text.ends_with("\r\x1b[2K") && !text.contains('\n'), "{text:?}");
    }

    #[test]
    fn nothing_stops_where_it_cannot_be_written() {
        let mut room = [0u8; 2];
        let mut teller = Teller::on(&mut room[..], false);
        teller.tell("a long stage", 0.0);
    }
}
