//! Whether a worker is still heard of. One that computes in one go hears nothing meanwhile, and of one whose program is still on its way
//! nothing can be heard, so silence alone proves nothing: it is told, and taken back when the worker is heard again. That a worker has
//! ended is known otherwise. Only who can do without a worker gives it up for a silence that lasts.

/// Time between two looks, in milliseconds.
pub const EVERY_MS: u32 = 2_000;
/// Looks that a question waits for its answer, until its silence is told: longer than the longest piece of work of the scenarios that ship
/// takes on a slow machine.
const PATIENCE: u32 = 4;
/// Looks until the silence of a worker is told that has not said its first word: a slow network has to bring its program before.
const FIRST_PATIENCE: u32 = 30;
/// Looks until the silence of a worker is told that cannot be asked, as it works in one go: longer than between two words on how far it is.
const WORKING_PATIENCE: u32 = 15;
/// Looks until a silence lasts.
const LASTING: u32 = 60;

/// Seconds of silence that are told.
pub const SILENT_S: u32 = PATIENCE * EVERY_MS / 1_000;
/// The same before the first word.
pub const UNHEARD_S: u32 = FIRST_PATIENCE * EVERY_MS / 1_000;
/// The same of one that cannot be asked.
pub const WORKING_S: u32 = WORKING_PATIENCE * EVERY_MS / 1_000;
/// Seconds of a silence that lasts.
pub const LASTING_S: u32 = LASTING * EVERY_MS / 1_000;

/// What can be heard of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speech {
    /// Its first word.
    #[default]
    First,
    /// Answers: it takes a question in between two pieces of work.
    Answers,
    /// How far it is, now and then: it works in one go and takes nothing in meanwhile.
    Progress,
}

/// What a look leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing.
    Wait,
    /// It is to be asked whether it hears.
    Ask,
    /// It has been silent for too long.
    Silent,
    /// It has been silent for so long that hardly anything is to be hoped for.
    Lasting,
}

/// What is known of a worker's life.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulse {
    /// When the last look was.
    looked_ms: Option<f64>,
    /// Whether it was heard of since.
    heard: bool,
    /// Looks since it was asked, or since it was started.
    missed: u32,
    silent: bool,
}

impl Pulse {
    /// Takes in that the worker was heard of; says whether its silence was told before.
    pub fn hear(&mut self) -> bool {
        (self.heard, self.missed) = (true, 0);
        std::mem::take(&mut self.silent)
    }

    /// One more look, at this time of the page, at a worker of which this can be heard.
    pub fn look(&mut self, now_ms: f64, speech: Speech) -> Beat {
        let since = now_ms - self.looked_ms.replace(now_ms).unwrap_or(now_ms);
        // A page that stood still itself, asleep or hidden or under a debugger, cannot say who was silent. A clock that is set back, neither.
        let stood_still = !(0.0..=2.0 * f64::from(EVERY_MS)).contains(&since);
        if std::mem::take(&mut self.heard) || stood_still {
            self.missed = 0;
            return Beat::Wait;
        }
        self.missed += 1;
        let patience = match speech {
            Speech::First => FIRST_PATIENCE,
            Speech::Answers => PATIENCE,
            Speech::Progress => WORKING_PATIENCE,
        };
        match self.missed {
            1 if speech == Speech::Answers => Beat::Ask,
            missed if missed > patience && !self.silent => {
                self.silent = true;
                Beat::Silent
            }
            missed if missed == LASTING + 1 => Beat::Lasting,
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
        (from..from + count).map(|at| pulse.look(f64::from(at) * EVERY, Speech::Answers)).collect()
    }

    #[test]
    fn who_speaks_is_never_asked() {
        let mut pulse = Pulse::default();
        for at in 0..50 {
            assert!(!pulse.hear());
            assert_eq!(pulse.look(f64::from(at) * EVERY, Speech::Answers), Beat::Wait);
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
    fn a_silence_that_lasts_is_told_once_more() {
        let mut pulse = Pulse::default();
        let beats = looks(&mut pulse, 0, 200);
        let told: Vec<(usize, Beat)> = beats.into_iter().enumerate().filter(|(_, beat)| *beat != Beat::Wait).collect();
        assert_eq!(told, [(0, Beat::Ask), (4, Beat::Silent), (60, Beat::Lasting)]);
        assert_eq!(LASTING_S, 120);
    }

    #[test]
    fn before_its_first_word_a_worker_has_longer_and_is_not_asked() {
        let mut pulse = Pulse::default();
        let beats = (0..200).map(|at| pulse.look(f64::from(at) * EVERY, Speech::First));
        let told: Vec<(usize, Beat)> = beats.enumerate().filter(|(_, beat)| *beat != Beat::Wait).collect();
        assert_eq!(told, [(30, Beat::Silent), (60, Beat::Lasting)]);
        assert_eq!(UNHEARD_S, 60);
        assert!(pulse.hear(), "its program came after all");
        assert_eq!(looks(&mut pulse, 200, 2), [Beat::Wait, Beat::Ask]);
    }

    #[test]
    fn who_works_in_one_go_is_not_asked_and_has_longer_than_one_who_answers() {
        let mut pulse = Pulse::default();
        pulse.hear();
        let beats = (0..200).map(|at| pulse.look(f64::from(at) * EVERY, Speech::Progress));
        let told: Vec<(usize, Beat)> = beats.enumerate().filter(|(_, beat)| *beat != Beat::Wait).collect();
        assert_eq!(told, [(16, Beat::Silent), (61, Beat::Lasting)]);
        assert_eq!(WORKING_S, 30);
        assert!(pulse.hear(), "a large file took that long");
    }

    #[test]
    fn a_page_that_stood_still_accuses_nobody() {
        let mut pulse = Pulse::default();
        looks(&mut pulse, 0, 4);
        assert_eq!(pulse.look(3_600_000.0, Speech::Answers), Beat::Wait, "a night asleep");
        let mut hidden = Pulse::default();
        let beats = (0..100).map(|at| hidden.look(f64::from(at) * 60_000.0, Speech::Answers));
        assert!(beats.skip(1).all(|beat| beat == Beat::Wait), "a look a minute");
        assert_eq!(
            Pulse { looked_ms: Some(5_000.0), missed: 9, ..Pulse::default() }.look(0.0, Speech::Answers),
            Beat::Wait,
            "a clock set back"
        );
    }
}
