//! The settings as they were: undo and redo.

/// Changes that can be taken back, at most.
pub const DEPTH: usize = 100;

/// Finished states, with a place among them. What a hand still moves is not in here before it lets go.
#[derive(Clone, Debug, PartialEq)]
pub struct History<T> {
    states: Vec<T>,
    place: usize,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { states: Vec::new(), place: 0 }
    }
}

impl<T: Clone + PartialEq> History<T> {
    /// Takes a finished change. What was taken back before is gone; the same state again is no change.
    pub fn commit(&mut self, state: T) {
        if self.states.get(self.place) == Some(&state) {
            return;
        }
        self.states.truncate(self.place + 1);
        self.states.push(state);
        if self.states.len() > DEPTH + 1 {
            self.states.remove(0);
        }
        self.place = self.states.len() - 1;
    }

    /// Takes a state that the browser's history leads to. Its back and forward are the undo and redo of the last change
    /// where they lead to the same state; anything else is a change as any other, which can be taken back.
    pub fn visit(&mut self, state: T) {
        if self.before() == Some(&state) {
            self.undo();
        } else if self.states.get(self.place + 1) == Some(&state) {
            self.redo();
        } else {
            self.commit(state);
        }
    }

    /// One change back; gives the state to return to.
    pub fn undo(&mut self) -> Option<T> {
        let state = self.before()?.clone();
        self.place -= 1;
        Some(state)
    }

    /// One change forward again; gives the state to return to.
    pub fn redo(&mut self) -> Option<T> {
        let state = self.states.get(self.place + 1)?.clone();
        self.place += 1;
        Some(state)
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        self.before().is_some()
    }

    /// Whether there is a change to make again.
    pub fn can_redo(&self) -> bool {
        self.place + 1 < self.states.len()
    }

    fn before(&self) -> Option<&T> {
        self.states.get(self.place.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(states: &[u32]) -> History<u32> {
        let mut history = History::default();
        states.iter().for_each(|&state| history.commit(state));
        history
    }

    #[test]
    fn changes_are_taken_back_and_made_again() {
        let mut history = of(&[1, 2, 3]);
        assert_eq!((history.undo(), history.undo(), history.undo()), (Some(2), Some(1), None));
        assert_eq!((history.redo(), history.redo(), history.redo()), (Some(2), Some(3), None));
        assert_eq!((history.can_undo(), history.can_redo()), (true, false));
    }

    #[test]
    fn the_first_state_is_no_change_and_neither_is_the_same_again() {
        assert!(!of(&[1]).can_undo());
        assert!(!of(&[1, 1]).can_undo());
        let mut history = History::<u32>::default();
        assert_eq!((history.undo(), history.redo()), (None, None));
    }

    #[test]
    fn a_change_after_an_undo_forgets_what_was_taken_back() {
        let mut history = of(&[1, 2]);
        history.undo();
        history.commit(3);
        assert_eq!((history.can_redo(), history.undo()), (false, Some(1)));
    }

    #[test]
    fn the_oldest_changes_are_forgotten() {
        let mut history = of(&(0..=150).collect::<Vec<_>>());
        let back = std::iter::from_fn(|| history.undo()).collect::<Vec<_>>();
        assert_eq!((back.len(), back.last()), (DEPTH, Some(&50)));
    }

    #[test]
    fn back_and_forward_of_the_browser_are_undo_and_redo() {
        let mut history = of(&[1, 2, 3]);
        history.visit(2);
        assert_eq!((history.can_undo(), history.can_redo()), (true, true));
        history.visit(3);
        assert_eq!(history, of(&[1, 2, 3]));
        history.visit(1);
        assert_eq!(history.undo(), Some(3), "a jump is a change");
    }
}
