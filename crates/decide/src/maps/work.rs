//! How far a fit has come, told often enough that it can be broken off at any time.

use measure::linear::Watch;

use crate::{DecideError, Pulse};

/// Multiply-adds between two calls of the pulse: some milliseconds natively, a few more in a browser.
const STEP: f64 = 2.0e7;

/// Counts multiply-adds against an estimate of all there will be.
pub(super) struct Work<'p> {
    pulse: Pulse<'p>,
    total: f64,
    done: f64,
    told: f64,
}

impl<'p> Work<'p> {
    /// Begins about `total` multiply-adds.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn start(pulse: Pulse<'p>, total: f64) -> Result<Self, DecideError> {
        pulse(0.0)?;
        Ok(Self { pulse, total: total.max(1.0), done: 0.0, told: 0.0 })
    }

    /// So many multiply-adds more are done.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn advance(&mut self, amount: f64) -> Result<(), DecideError> {
        self.done += amount;
        if self.done - self.told < STEP {
            return Ok(());
        }
        self.told = self.done;
        (self.pulse)((self.done / self.total).min(1.0))
    }
}

impl Watch for Work<'_> {
    type Error = DecideError;

    fn advance(&mut self, amount: f64) -> Result<(), DecideError> {
        Work::advance(self, amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_rise_and_stay_within_one() {
        let mut told = Vec::new();
        let mut pulse = |share: f64| {
            told.push(share);
            Ok(())
        };
        let mut work = Work::start(&mut pulse, 1e8).unwrap();
        for amount in [1.0, 2.5e7, 1.0, 5e7, 1e9] {
            work.advance(amount).unwrap();
        }
        assert_eq!(told, [0.0, 0.250_000_01, 0.750_000_02, 1.0]);
    }

    #[test]
    fn breaking_off_is_passed_on() {
        let mut pulse = |share: f64| if share > 0.0 { Err(DecideError::Cancelled) } else { Ok(()) };
        let mut work = Work::start(&mut pulse, 1.0).unwrap();
        assert_eq!(work.advance(1e9), Err(DecideError::Cancelled));
        assert!(Work::start(&mut |_| Err(DecideError::Cancelled), 1.0).is_err());
    }
}
