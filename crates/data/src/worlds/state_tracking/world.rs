//! The three tasks as worlds: an item is a sequence, its label the last state, and beside it stands the state after every symbol.
//!
//! Training sequences are of many lengths, test sequences all of the length that is asked for, so what a model answers at their places
//! tells its accuracy at every length. As a causal model answers at a place without looking further, a place of a long sequence is as
//! good as a sequence that ends there.

use protocol::{DatasetInfo, ItemKind, Parameter};

use super::Tracking;
use crate::worlds::{Wish, World, made};
use crate::{DataError, Dataset, Items, Part, Rng};

/// Setting of the length of the shortest training sequences.
pub const SHORTEST: &str = "shortest";
/// Setting of the length of the longest training sequences.
pub const LONGEST: &str = "longest";
/// Setting of the length of all test sequences.
pub const ASKED: &str = "asked";

/// Longest training sequences: each place costs a training step as much as the one before.
const MOST_LONGEST: u32 = 64;
/// Longest test sequences.
const MOST_ASKED: u32 = 256;

/// Parity as a world.
pub const PARITY: World =
    World { id: "parity", card: || card(Tracking::Parity), make: |wish| make(Tracking::Parity, wish) };
/// Counting modulo 3 as a world.
pub const COUNT_MOD_THREE: World = World {
    id: "count-mod-3",
    card: || card(Tracking::CountModThree),
    make: |wish| make(Tracking::CountModThree, wish),
};
/// The permutations of three things as a world.
pub const PERMUTATIONS: World = World {
    id: "permutations-s3",
    card: || card(Tracking::Permutations),
    make: |wish| make(Tracking::Permutations, wish),
};

fn card(task: Tracking) -> DatasetInfo {
    DatasetInfo {
        id: task.id().to_owned(),
        name: task.name().to_owned(),
        about: format!("Random sequences of {} symbols. {}", task.symbols(), task.sentence()),
        items: ItemKind::Tokens,
        classes: task.states().into(),
        train_per_class: 1000,
        test_per_class: 200,
        parameters: vec![
            Parameter::integer(
                SHORTEST,
                "Shortest training sequence",
                (1, MOST_LONGEST),
                8,
                "Symbols of the shortest training sequences; lengths are drawn evenly up to the longest.",
            ),
            Parameter::integer(
                LONGEST,
                "Longest training sequence",
                (2, MOST_LONGEST),
                20,
                "Symbols of the longest training sequences; at least as many as of the shortest.",
            ),
            Parameter::integer(
                ASKED,
                "Test sequences",
                (2, MOST_ASKED),
                40,
                "Symbols of every test sequence, at least as many as of the longest training sequence: the models answer after each of them.",
            ),
        ],
        ..DatasetInfo::default()
    }
}

fn make(task: Tracking, wish: &Wish) -> Result<Dataset, DataError> {
    // Settled values are whole and within their bounds.
    let length = |id: &str| wish.value(id).clamp(0.0, f64::from(MOST_ASKED)) as u16;
    let (shortest, longest, asked) = (length(SHORTEST), length(LONGEST), length(ASKED));
    DataError::check_range("the length of test sequences", asked.into(), longest.into(), MOST_ASKED.into())?;
    let part = |name: &str, per_class: u32, shortest: u16, longest: u16| {
        let stream = wish.seed.stream(&format!("world/{}/{name}", task.id()));
        drawn(task, per_class as usize, shortest, longest, &stream)
    };
    let train = part("train", wish.spec.train_per_class, shortest, longest)?;
    let test = part("test", wish.spec.test_per_class, asked, asked)?;
    Ok(made(&card(task), task.state_names(), train, test))
}

/// The first so many sequences that end in each state, in the order in which they were drawn.
fn drawn(task: Tracking, per_class: usize, shortest: u16, longest: u16, stream: &Rng) -> Result<Part, DataError> {
    let classes = usize::from(task.states());
    let mut count = per_class.saturating_mul(classes);
    let mut chosen = Vec::new();
    let mut found = task.sequences(0, shortest, longest, stream)?;
    // Sequences of a single symbol reach hardly some states, so there is an end to it: a class may then be short of items.
    for _ in 0..6 {
        found = task.sequences(count, shortest, longest, stream)?;
        let mut room = vec![per_class; classes];
        let last = |item: usize| {
            let length = *found.lengths.get(item)?;
            found.targets.get((item * found.width + length).checked_sub(1)?).copied()
        };
        let has_room = |&(_, state): &(usize, u16)| match room.get_mut(usize::from(state)) {
            Some(0) | None => false,
            Some(left) => {
                *left -= 1;
                true
            }
        };
        chosen = (0..count).filter_map(|item| Some((item, last(item)?))).filter(has_room).collect();
        if chosen.len() == per_class * classes {
            break;
        }
        count = count.saturating_mul(2);
    }
    let of = |rows: &[u16]| -> Vec<u16> {
        let rows: Vec<&[u16]> = rows.chunks_exact(found.width).collect();
        chosen.iter().filter_map(|&(item, _)| rows.get(item)).copied().flatten().copied().collect()
    };
    let (states, vocabulary) = (classes + 1, usize::from(task.vocabulary()));
    let items = Items::tokens(found.width, vocabulary, of(&found.tokens))?;
    let beside = Items::tokens(found.width, states, of(&found.targets))?;
    Part::new(items, chosen.iter().map(|&(_, state)| state.into()).collect(), classes)?.with_beside(beside)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use protocol::{DataSpec, Values};

    use super::*;
    use crate::Seed;

    const ALL: [(Tracking, World); 3] = [
        (Tracking::Parity, PARITY),
        (Tracking::CountModThree, COUNT_MOD_THREE),
        (Tracking::Permutations, PERMUTATIONS),
    ];

    fn wished(world: &World, per_class: u32, [shortest, longest, asked]: [u32; 3]) -> Result<Dataset, DataError> {
        let values = [(SHORTEST, shortest), (LONGEST, longest), (ASKED, asked)];
        let values = values.map(|(id, value)| (id.to_owned(), f64::from(value)));
        let spec = DataSpec {
            dataset: world.id.to_owned(),
            train_per_class: per_class,
            test_per_class: 5,
            values: Values::from(values),
            ..DataSpec::default()
        };
        (world.make)(&Wish { spec: &spec, seed: Seed(3) })
    }

    #[test]
    fn a_world_has_as_many_of_each_class_with_the_state_after_every_symbol() {
        for (task, world) in ALL {
            let card = (world.card)();
            assert_eq!((card.id.as_str(), task.id()), (world.id, world.id));
            let dataset = wished(&world, 20, [3, 6, 9]).unwrap();
            assert_eq!(dataset.class_names.len(), card.classes as usize);
            for (part, per_class, lengths) in [(&dataset.train, 20, 3..=6), (&dataset.test, 5, 9..=9)] {
                let members = part.by_class(card.classes as usize);
                assert!(members.iter().all(|class| class.len() == per_class), "{members:?}");
                for (item, &label) in part.labels().iter().enumerate() {
                    let (tokens, targets) =
                        (part.items().sequence(item).unwrap(), part.beside().unwrap().sequence(item).unwrap());
                    let length = tokens.iter().filter(|&&token| token != task.pad()).count();
                    assert!(lengths.contains(&length), "{tokens:?}");
                    let states = tokens[..length].iter().scan(0, |state, &symbol| {
                        *state = task.next(*state, symbol)?;
                        Some(*state)
                    });
                    assert!(states.eq(targets[..length].iter().copied()));
                    assert_eq!(u32::from(targets[length - 1]), label);
                    assert!(targets[length..].iter().all(|&state| state == task.states()));
                }
            }
        }
    }

    #[test]
    fn more_training_items_begin_with_the_fewer_and_leave_the_test_alone() {
        let [few, many] = [10, 40].map(|per_class| wished(&PARITY, per_class, [8, 20, 40]).unwrap());
        let first = |dataset: &Dataset, class: usize| -> Vec<Vec<u16>> {
            let members = &dataset.train.by_class(2)[class];
            members.iter().take(10).map(|&item| dataset.train.items().sequence(item).unwrap().to_vec()).collect()
        };
        for class in [0, 1] {
            assert_eq!(first(&few, class), first(&many, class));
        }
        assert_eq!(few.test, many.test);
    }

    #[test]
    fn lengths_that_cannot_be_are_refused_with_the_bound() {
        let refused = |lengths| wished(&PARITY, 2, lengths).unwrap_err().to_string();
        assert_eq!(refused([8, 20, 10]), "the length of test sequences is 10; choose 20 to 256");
        assert_eq!(refused([21, 20, 40]), "the shortest length is 21; choose 1 to 20");
    }

    #[test]
    fn the_shortest_sequences_reach_every_state() {
        let dataset = wished(&COUNT_MOD_THREE, 50, [1, 2, 2]).unwrap();
        assert!(dataset.train.by_class(3).iter().all(|class| class.len() == 50));
    }
}
