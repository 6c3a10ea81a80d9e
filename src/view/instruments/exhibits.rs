//! Things to look at that models made: points of the plane, pictures, sentences. Which there are, which is on show, and what there is to
//! say of it; `exhibit_drawing` draws them.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Exhibit, ModelId, RunLog, Things};

use crate::view::draw::csv::csv;
use crate::view::draw::format;
use crate::view::few::sort_few;

/// Rows of the table beside a drawing, at most.
const TABLE_ROWS: usize = 40;
/// Air around points, as a share of their extent.
const AIR: f64 = 0.08;
/// What stands for classes beside their colour.
const GLYPHS: [&str; 10] =
    ["\u{25cf}", "\u{25a1}", "\u{25b3}", "\u{25c7}", "\u{d7}", "\u{25cb}", "\u{25a0}", "\u{25b2}", "\u{25c6}", "+"];

/// Things of one name, by the models that showed them.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Their id.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// Who showed them, deployed models first.
    pub models: Vec<ModelId>,
}

/// Everything that a log shows, by name; what others are seen against is no choice of its own.
pub fn choices(log: &RunLog) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    let grounds: BTreeSet<&str> = log.exhibits.values().map(|exhibit| exhibit.behind.as_str()).collect();
    for ((id, model), exhibit) in log.exhibits.iter().filter(|((id, _), _)| !grounds.contains(id.as_str())) {
        match choices.last_mut().filter(|last| last.id == *id) {
            Some(last) => last.models.push(*model),
            None => choices.push(Choice { id: id.clone(), title: exhibit.title.clone(), models: vec![*model] }),
        }
    }
    for choice in &mut choices {
        sort_few(&mut choice.models, |model| (model.independent, model.stage));
    }
    choices
}

/// What is shown where a reader asks for things of this name and of this model: those, or the first, of the newest model.
pub fn chosen<'a>(log: &'a RunLog, id: Option<&str>, model: Option<ModelId>) -> Option<&'a Exhibit> {
    let choices = choices(log);
    let choice = choices.iter().find(|choice| Some(choice.id.as_str()) == id).or(choices.first())?;
    let newest = choice.models.iter().max_by_key(|model| (!model.independent, model.stage)).copied();
    let model = model.filter(|model| choice.models.contains(model)).or(newest)?;
    log.exhibits.get(&(choice.id.clone(), model))
}

/// What things are seen against, if they are.
pub fn behind<'a>(log: &'a RunLog, exhibit: &Exhibit) -> Option<&'a Exhibit> {
    let named = log.exhibits.iter().find(|((id, _), _)| !id.is_empty() && *id == exhibit.behind);
    named.map(|(_, exhibit)| exhibit)
}

/// A rectangle of the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Least and greatest x.
    pub x: (f64, f64),
    /// Least and greatest y.
    pub y: (f64, f64),
}

impl Extent {
    /// Around what the things of this name are seen against, which is there from the start and stays; of things that are seen against
    /// nothing around those of all models of a log, so that the axes stay while a reader goes through the run.
    pub fn of(log: &RunLog, id: &str) -> Self {
        let named: Vec<&Exhibit> =
            log.exhibits.iter().filter(|((known, _), _)| known == id).map(|(_, exhibit)| exhibit).collect();
        let ground = named.iter().find_map(|exhibit| behind(log, exhibit));
        let framed = ground.map_or(named, |ground| vec![ground]);
        let all: Vec<(f64, f64)> =
            framed.into_iter().flat_map(|exhibit| points(&exhibit.things)).map(|it| it.0).collect();
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            let (low, high) = values
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            let air = AIR * (high - low).max(1e-6);
            if low <= high { (low - air, high + air) } else { (0.0, 1.0) }
        };
        Self { x: ends(&mut all.iter().map(|it| it.0)), y: ends(&mut all.iter().map(|it| it.1)) }
    }

    /// The smallest around it in which a unit is as long in both directions, on a plot of this width and height.
    pub fn fitted(self, (width, height): (f64, f64)) -> Self {
        let unit = ((self.x.1 - self.x.0) / width.max(1.0)).max((self.y.1 - self.y.0) / height.max(1.0));
        let around = |(low, high): (f64, f64), pixels: f64| {
            let (middle, half) = ((low + high) / 2.0, unit * pixels.max(1.0) / 2.0);
            (middle - half, middle + half)
        };
        Self { x: around(self.x, width), y: around(self.y, height) }
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }
}

/// The points of things with their classes; none of things that are no points.
pub fn points(things: &Things) -> impl Iterator<Item = ((f64, f64), Option<u16>)> + '_ {
    let (xy, classes) = match things {
        Things::Points { xy, classes } => (xy.0.as_slice(), classes.0.as_slice()),
        Things::Pixels { .. } | Things::Words(_) => (&[][..], &[][..]),
    };
    let point = |pair: &[f32]| match pair {
        &[x, y] => Some((f64::from(x), f64::from(y))),
        _ => None,
    };
    xy.chunks_exact(2).filter_map(point).enumerate().map(move |(at, point)| (point, classes.get(at).copied()))
}

/// A class of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The class; none where points have none.
    pub class: Option<u16>,
    /// Its name.
    pub name: String,
    /// How many points are of it.
    pub count: usize,
}

impl Group {
    /// Its name behind what stands for it.
    pub fn label(&self) -> String {
        format!("{} {}", glyph(self.class), self.name)
    }
}

/// The classes of points in their order, with the names that the log has for them.
pub fn groups(log: &RunLog, exhibit: &Exhibit) -> Vec<Group> {
    let mut counts: BTreeMap<Option<u16>, usize> = BTreeMap::new();
    points(&exhibit.things).for_each(|(_, class)| *counts.entry(class).or_default() += 1);
    let group = |(class, count): (Option<u16>, usize)| {
        let name = class.map_or_else(|| "points".to_owned(), |class| class_name(log, class));
        Group { class, name, count }
    };
    counts.into_iter().map(group).collect()
}

/// What stands for a class beside its colour.
pub fn glyph(class: Option<u16>) -> &'static str {
    let place = usize::from(class.unwrap_or_default()) % GLYPHS.len();
    GLYPHS.get(place).copied().unwrap_or_default()
}

fn class_name(log: &RunLog, class: u16) -> String {
    log.class_names.get(usize::from(class)).cloned().unwrap_or_else(|| format!("class {class}"))
}

/// How many things there are, with their name.
fn amount(things: &Things) -> String {
    let (count, one, more) = match things {
        Things::Points { .. } => (points(things).count(), "point", "points"),
        Things::Pixels { .. } => (pictures(things).count(), "picture", "pictures"),
        Things::Words(words) => (words.len(), "line", "lines"),
    };
    format!("{} {}", format::count(count as u64), if count == 1 { one } else { more })
}

/// What is on show, and against what, in a sentence or two.
pub fn caption(exhibit: &Exhibit, behind: Option<&Exhibit>, extent: &Extent) -> String {
    let Exhibit { title, model, step, things, .. } = exhibit;
    let outside = points(things).filter(|(point, _)| !extent.holds(*point)).count();
    let axes = match (things, behind) {
        (Things::Points { .. }, Some(ground)) => format!(" {}, in grey, set the axes.", ground.title),
        (Things::Points { .. }, None) => " The axes stay as they are at the newest moment.".to_owned(),
        (Things::Pixels { .. } | Things::Words(_), _) => String::new(),
    };
    let outside = match outside {
        0 => String::new(),
        outside => format!(" {outside} outside of them are left out."),
    };
    format!("{title} of {model} at step {step}: {}.{axes}{outside}", amount(things))
}

/// The same for those who do not see it.
pub fn described(exhibit: &Exhibit, behind: Option<&Exhibit>, groups: &[Group], extent: &Extent) -> String {
    let named = groups.iter().filter(|group| group.class.is_some());
    let named: Vec<String> = named.map(|group| format!("{} {}", group.count, group.name)).collect();
    let named = if named.is_empty() { String::new() } else { format!(" {}.", named.join(", ")) };
    format!("{}{named}", caption(exhibit, behind, extent))
}

/// The pictures of things, each `[channels, height, width]`; none of things that are no pictures.
pub fn pictures(things: &Things) -> impl Iterator<Item = (&[u8], &str)> {
    let (pixels, size, captions) = match things {
        Things::Pixels { channels, height, width, pixels, captions } => {
            let side = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
            let size = side(*channels).checked_mul(side(*height)).and_then(|it| it.checked_mul(side(*width)));
            (pixels.0.as_slice(), size.unwrap_or(usize::MAX), captions.as_slice())
        }
        Things::Points { .. } | Things::Words(_) => (&[][..], 1, &[][..]),
    };
    let caption = move |at: usize| captions.get(at).map(String::as_str).unwrap_or_default();
    pixels.chunks_exact(size.max(1)).enumerate().map(move |(at, picture)| (picture, caption(at)))
}

/// What stands in the table beside a drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    /// Names of the columns.
    pub head: Vec<String>,
    /// Rows of as many fields, not all of them where there are many.
    pub rows: Vec<Vec<String>>,
    /// Every so-manieth row stands in it.
    pub every: usize,
}

/// The things as a table.
pub fn twin(log: &RunLog, exhibit: &Exhibit) -> Twin {
    let rows = rows(log, exhibit);
    let every = rows.len().div_ceil(TABLE_ROWS).max(1);
    let plain = |text: String| text.replace('-', "\u{2212}");
    let short = |fields: (Vec<f64>, Vec<String>)| {
        fields.0.into_iter().map(|value| plain(format!("{value:.3}"))).chain(fields.1).collect::<Vec<_>>()
    };
    let numbered = |(at, fields): (usize, (Vec<f64>, Vec<String>))| {
        std::iter::once((at + 1).to_string()).chain(short(fields)).collect()
    };
    Twin { head: head(exhibit), rows: rows.into_iter().enumerate().step_by(every).map(numbered).collect(), every }
}

/// The things as comma-separated values: all of them, unrounded; of pictures every pixel, too.
pub fn things_csv(log: &RunLog, exhibit: &Exhibit) -> String {
    let mut head = head(exhibit);
    let pictures: Vec<&[u8]> = pictures(&exhibit.things).map(|it| it.0).collect();
    head.extend((0..pictures.first().map_or(0, |it| it.len())).map(|pixel| format!("pixel {pixel}")));
    let line = |(at, (numbers, words)): (usize, (Vec<f64>, Vec<String>))| {
        let fields = numbers.into_iter().map(|value| value.to_string()).chain(words);
        let pixels = pictures.get(at).copied().unwrap_or_default().iter().map(u8::to_string);
        std::iter::once((at + 1).to_string()).chain(fields).chain(pixels).collect()
    };
    csv(std::iter::once(head).chain(rows(log, exhibit).into_iter().enumerate().map(line)))
}

fn head(exhibit: &Exhibit) -> Vec<String> {
    let names: &[&str] = match exhibit.things {
        Things::Points { .. } => &["point", "x", "y", "class"],
        Things::Pixels { .. } => &["picture", "caption"],
        Things::Words(_) => &["line", "words"],
    };
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Numbers and words of each thing, in the order of the columns after the first.
fn rows(log: &RunLog, exhibit: &Exhibit) -> Vec<(Vec<f64>, Vec<String>)> {
    let class = |class: Option<u16>| class.map(|class| class_name(log, class)).unwrap_or_default();
    match &exhibit.things {
        Things::Points { .. } => points(&exhibit.things).map(|((x, y), of)| (vec![x, y], vec![class(of)])).collect(),
        Things::Pixels { .. } => {
            pictures(&exhibit.things).map(|(_, caption)| (Vec::new(), vec![caption.to_owned()])).collect()
        }
        Things::Words(words) => words.iter().map(|words| (Vec::new(), vec![words.clone()])).collect(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Event, Packed};

    use super::*;
    use crate::view::testing::{CEILING, NEW, OLD, exhibit, knowledge};

    fn with(things: Things) -> Exhibit {
        Exhibit { id: "a".to_owned(), title: "Made".to_owned(), model: NEW, step: 4, things, behind: String::new() }
    }

    #[test]
    fn things_are_chosen_by_name_and_model_or_are_the_newest_models() {
        let mut log = knowledge();
        for model in [OLD, CEILING] {
            log.apply(&exhibit(model, 7));
        }
        let choices = choices(&log);
        assert_eq!((choices.len(), choices[0].models.as_slice()), (1, &[OLD, NEW, CEILING][..]));
        let of = |id, model| chosen(&log, id, model).map(|it| it.model);
        assert_eq!(
            [of(None, None), of(Some("gone"), Some(OLD)), of(None, Some(ModelId::deployed(9)))],
            [NEW, OLD, NEW].map(Some)
        );
        assert_eq!(chosen(&RunLog::default(), None, None), None);
    }

    #[test]
    fn the_axes_are_around_the_points_of_all_models_and_a_unit_is_as_long_in_both() {
        let mut log = knowledge();
        log.apply(&exhibit(OLD, 0));
        let extent = Extent::of(&log, "samples");
        assert!((extent.x.0 + 1.68).abs() < 1e-9 && (extent.x.1 - 22.68).abs() < 1e-9, "{extent:?}");
        let fitted = extent.fitted((300.0, 100.0));
        let unit = |(low, high): (f64, f64), pixels: f64| (high - low) / pixels;
        assert!((unit(fitted.x, 300.0) - unit(fitted.y, 100.0)).abs() < 1e-12);
        assert!(fitted.holds((0.0, 0.0)) && fitted.holds((21.0, 1.0)));
        assert_eq!(Extent::of(&log, "gone"), Extent { x: (0.0, 1.0), y: (0.0, 1.0) });
    }

    #[test]
    fn what_points_are_seen_against_sets_the_axes_and_is_no_choice() {
        let mut log = knowledge();
        let points = |xy| Things::Points { xy: Packed(xy), classes: Packed(Vec::new()) };
        let target = Exhibit {
            id: "target".to_owned(),
            title: "Test items".to_owned(),
            ..with(points(vec![0.0, 0.0, 10.0, 5.0]))
        };
        let made = |x| Exhibit { behind: "target".to_owned(), ..with(points(vec![x, 1.0])) };
        log.apply(&Event::ExhibitShown { exhibit: target.clone() });
        log.apply(&Event::ExhibitShown { exhibit: made(3.0) });
        let ids: Vec<String> = choices(&log).into_iter().map(|choice| choice.id).collect();
        assert_eq!(ids, ["a", "samples"]);
        let shown = chosen(&log, None, None).unwrap();
        assert_eq!(behind(&log, shown), Some(&target));
        let before = Extent::of(&log, "a");
        assert!((before.x.0 + 0.8).abs() < 1e-9 && (before.x.1 - 10.8).abs() < 1e-9, "{before:?}");
        assert_eq!(
            caption(shown, behind(&log, shown), &before),
            "Made of v2 at step 4: 1 point. Test items, in grey, set the axes."
        );
        log.apply(&Event::ExhibitShown { exhibit: made(99.0) });
        assert_eq!(Extent::of(&log, "a"), before, "no jump");
        let far = chosen(&log, None, None).unwrap();
        assert!(caption(far, Some(&target), &before).ends_with("1 outside of them are left out."));
        assert_eq!(behind(&log, &with(points(Vec::new()))), None);
    }

    #[test]
    fn points_are_counted_by_class_in_words_and_rows() {
        let log = knowledge();
        let shown = chosen(&log, None, None).unwrap();
        let groups = groups(&log, shown);
        let labels: Vec<(String, usize)> = groups.iter().map(|group| (group.label(), group.count)).collect();
        assert_eq!(labels, [("\u{25cf} class 0".to_owned(), 1), ("\u{25a1} class 1".to_owned(), 2)]);
        let small = Extent { x: (19.0, 20.5), y: (-1.0, 3.0) };
        assert_eq!(
            described(shown, None, &groups, &small),
            "Samples of v2 at step 20: 3 points. The axes stay as they are at the newest moment. 1 outside of them are left out. 1 class 0, 2 class 1."
        );
        let twin = twin(&log, shown);
        assert_eq!((twin.head.join(" "), twin.every), ("point x y class".to_owned(), 1));
        assert_eq!(twin.rows[1], ["2", "21.000", "1.000", "class 1"]);
        assert!(things_csv(&log, shown).starts_with("point,x,y,class\r\n1,20,0,class 0\r\n"));
    }

    #[test]
    fn many_things_have_a_short_table_and_a_whole_file() {
        let xy = Packed((0..400_u16).map(f32::from).collect());
        let many = with(Things::Points { xy, classes: Packed(Vec::new()) });
        let log = RunLog::default();
        let twin = twin(&log, &many);
        assert_eq!((twin.rows.len(), twin.every), (40, 5));
        assert_eq!(things_csv(&log, &many).lines().count(), 201);
        assert_eq!(groups(&log, &many)[0], Group { class: None, name: "points".to_owned(), count: 200 });
    }

    #[test]
    fn pictures_and_sentences_are_rows_too() {
        let pixels = Packed(vec![0, 255, 1, 2, 9]);
        let captions = vec!["a, b".to_owned()];
        let shown = with(Things::Pixels { channels: 1, height: 1, width: 2, pixels, captions });
        assert_eq!(pictures(&shown.things).count(), 2, "what is left over is no picture");
        let log = RunLog::default();
        assert_eq!(things_csv(&log, &shown), "picture,caption,pixel 0,pixel 1\r\n1,\"a, b\",0,255\r\n2,,1,2\r\n");
        let extent = Extent::of(&log, "a");
        assert_eq!(caption(&shown, None, &extent), "Made of v2 at step 4: 2 pictures.");
        let said = with(Things::Words(vec!["one".to_owned()]));
        assert_eq!(caption(&said, None, &extent), "Made of v2 at step 4: 1 line.");
        assert_eq!(twin(&log, &said).rows, [["1", "one"]]);
        let nothing =
            with(Things::Pixels { channels: 0, height: 1, width: 2, pixels: Packed(vec![1]), captions: Vec::new() });
        assert_eq!(pictures(&nothing.things).count(), 1, "no endless row of nothing");
    }
}
