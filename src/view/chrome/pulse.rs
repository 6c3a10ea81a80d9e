//! Whether a worker that listens is still heard of. One that computes in one go hears nothing meanwhile, so silence alone proves nothing:
//! it is told, and taken back when the worker is heard again. That a worker has ended is known otherwise.

/// Time between two looks, in milliseconds.
pub const EVERY_MS: u32 = 2_000;
/// Looks that a question waits for its answer, until its silence is told: longer than the longest piece of work of the scenarios that ship
/// takes on a slow machine.
const PATIENCE: u32 = 4;

/// Seconds of silence that are told.
pub const SILENT_S: u32 = PATIENCE * EVERY_MS / 1_000;

/// What a look leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing.
    Wait,
    /// It is to be asked whether it hears.
    Ask,
    /// It has been silent for too long.
    Silent,
}

/// What is known of a worker's life.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulse {
    /// When the last look was.
    looked_ms: Option<f64>,
    /// Whether it was heard of since.
    heard: bool,
    /// Looks since it was asked.
    missed: u32,
    silent: bool,
}

impl Pulse {
    /// Takes in that the worker was heard of; says whether its silence was told before.
    pub fn hear(&mut self) -> bool {
        (self.heard, self.missed) = (true, 0);
        std::mem::take(&mut self.silent)
    }

    /// One more look, at this time of the page.
    pub fn look(&mut self, now_ms: f64) -> Beat {
        let since = now_ms - self.looked_ms.replace(now_ms).unwrap_or(now_ms);
        // A page that stood still itself, asleep or hidden or under a debugger, cannot say who was silent. A clock that is set back, neither.
        let stood_still = !(0.0..=2.0 * f64::from(EVERY_MS)).contains(&since);
        if std::mem::take(&mut self.heard) || stood_still {
            self.missed = 0;
            return Beat::Wait;
        }
        self.missed += 1;
        match self.missed {
            1 => Beat::Ask,
            missed if missed > PATIENCE && !self.silent => {
                self.silent = true;
                Beat::Silent
            }
            _ => Beat::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: f64 = EVERY_MS as f64;

    /// What so many looks at the usual time after another lead to.
    fn looks(pulse: &mut Pulse, from: u32, count: u32) -> Vec<Beat> {
        (from..from + count).map(|at| pulse.look(f64::from(at) * EVERY)).collect()
    }

    #[test]
    fn who_speaks_is_never_asked() {
        let mut pulse = Pulse::default();
        for at in 0..50 {
            assert!(!pulse.hear());
            assert_eq!(pulse.look(f64::from(at) * EVERY), Beat::Wait);
        }
    }

    #[test]
    fn who_rests_is_asked_and_answers() {
        let mut pulse = Pulse::default();
        pulse.hear();
        assert_eq!(looks(&mut pulse, 0, 2), [Beat::Wait, Beat::Ask]);
        assert!(!pulse.hear());
        assert_eq!(looks(&mut pulse, 2, 2), [Beat::Wait, Beat::Ask]);
    }

    #[test]
    fn silence_is_told_once_and_taken_back() {
        let mut pulse = Pulse::default();
        let beats = looks(&mut pulse, 0, 10);
        let silent: Vec<usize> = (0..10).filter(|&at| beats[at] == Beat::Silent).collect();
        assert_eq!((beats[0], silent), (Beat::Ask, vec![4]));
        assert_eq!(SILENT_S, 8);
        assert!(pulse.hear(), "it is back");
        assert!(!pulse.hear());
        assert_eq!(looks(&mut pulse, 10, 6)[5], Beat::Silent, "and may fall silent again");
    }

    #[test]
    fn a_page_that_stood_still_accuses_nobody() {
        let mut pulse = Pulse::default();
        looks(&mut pulse, 0, 4);
        assert_eq!(pulse.look(3_600_000.0), Beat::Wait, "a night asleep");
        let mut hidden = Pulse::default();
        let beats = (0..100).map(|at| hidden.look(f64::from(at) * 60_000.0));
        assert!(beats.skip(1).all(|beat| beat == Beat::Wait), "a look a minute");
        assert_eq!(
            Pulse { looked_ms: Some(5_000.0), missed: 9, ..Pulse::default() }.look(0.0),
            Beat::Wait,
            "a clock set back"
        );
    }
}
