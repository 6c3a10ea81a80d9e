//! Colours of what is drawn rather than styled. The same values stand in `style/tokens.css` for everything else.

use super::series::Ink;
use crate::view::upgrade::Role;

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Text.
    pub ink: Rgb,
    /// Axes and secondary text.
    pub muted: Rgb,
    /// Grid lines.
    pub grid: Rgb,
    /// Background of panels.
    pub surface: Rgb,
    /// Old model.
    pub old: Rgb,
    /// New model.
    pub new: Rgb,
    /// New model against the old gallery.
    pub cross: Rgb,
    /// Independent model.
    pub independent: Rgb,
    /// One colour per class.
    pub classes: [Rgb; 10],
}

/// Ten colours that the common kinds of colour blindness keep apart (Petroff, "Accessible color sequences for data
/// visualization", arXiv:2107.02270), on white.
const CLASSES_ON_LIGHT: [Rgb; 10] = [
    (0x3f, 0x90, 0xda),
    (0xff, 0xa9, 0x0e),
    (0xbd, 0x1f, 0x01),
    (0x94, 0xa4, 0xa2),
    (0x83, 0x2d, 0xb6),
    (0xa9, 0x6b, 0x59),
    (0xe7, 0x63, 0x00),
    (0xb9, 0xac, 0x70),
    (0x71, 0x75, 0x81),
    (0x4f, 0xb8, 0xbc),
];

/// The same with the dark ones lifted, for a dark ground.
const CLASSES_ON_DARK: [Rgb; 10] = [
    (0x5a, 0xa6, 0xec),
    (0xff, 0xb9, 0x38),
    (0xec, 0x4d, 0x33),
    (0xa8, 0xb8, 0xb6),
    (0xb1, 0x6b, 0xe0),
    (0xc6, 0x86, 0x73),
    (0xff, 0x84, 0x2b),
    (0xcd, 0xc0, 0x84),
    (0x8c, 0x91, 0x9f),
    (0x92, 0xda, 0xdd),
];

impl Palette {
    /// On a light ground.
    pub const LIGHT: Self = Self {
        ink: (0x17, 0x1b, 0x23),
        muted: (0x56, 0x5f, 0x6e),
        grid: (0xe3, 0xe6, 0xeb),
        surface: (0xff, 0xff, 0xff),
        old: (0xa8, 0x4f, 0x05),
        new: (0x1d, 0x5f, 0xd1),
        cross: (0x0b, 0x7d, 0x6b),
        independent: (0x6b, 0x5a, 0x8e),
        classes: CLASSES_ON_LIGHT,
    };

    /// On a dark ground.
    pub const DARK: Self = Self {
        ink: (0xe7, 0xea, 0xf0),
        muted: (0x9a, 0xa4, 0xb4),
        grid: (0x2a, 0x30, 0x3b),
        surface: (0x18, 0x1c, 0x24),
        old: (0xf0, 0xa3, 0x52),
        new: (0x77, 0xa9, 0xff),
        cross: (0x3f, 0xcb, 0xb3),
        independent: (0xb7, 0xa4, 0xe6),
        classes: CLASSES_ON_DARK,
    };

    /// The palette of a theme.
    pub fn of(dark: bool) -> Self {
        if dark { Self::DARK } else { Self::LIGHT }
    }

    /// The colour of a class; classes beyond the tenth start over.
    pub fn class(&self, class: usize) -> Rgb {
        self.classes.get(class % self.classes.len()).copied().unwrap_or(self.muted)
    }

    /// The colour of a curve.
    pub fn ink_of(&self, ink: Ink) -> Rgb {
        match ink {
            Ink::Model(Role::Old) => self.old,
            Ink::Model(Role::New) => self.new,
            Ink::Model(Role::Independent) => self.independent,
            Ink::Model(Role::Other) | Ink::Reference => self.muted,
            Ink::Cross => self.cross,
            Ink::Total => self.ink,
            Ink::Group(place) => self.class(place),
            Ink::Term(index) => {
                [self.new, self.old, self.cross, self.independent].get(index % 4).copied().unwrap_or(self.muted)
            }
        }
    }
}

/// A colour as CSS and SVG write it.
pub fn css((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Relative luminance and contrast as WCAG 2.2 defines them.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |(r, g, b): Rgb| 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_curves_stand_out_from_the_ground() {
        for palette in [Palette::LIGHT, Palette::DARK] {
            for ink in [palette.ink, palette.muted, palette.old, palette.new, palette.cross, palette.independent] {
                assert!(contrast(ink, palette.surface) >= 4.5, "{} on {}", css(ink), css(palette.surface));
            }
        }
    }

    /// The colours of each list in `style/tokens.css`, by name: light, dark by the system, dark by choice.
    fn tokens() -> Vec<BTreeMap<&'static str, Rgb>> {
        let channel = |hex: &str, at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let token = |line: &'static str| {
            let (name, hex) = line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": #")?;
            Some((name, (channel(hex, 0), channel(hex, 2), channel(hex, 4))))
        };
        let list = |block: &'static str| block.lines().filter_map(token).collect();
        include_str!("../../../style/tokens.css").split(":root").skip(1).map(list).collect()
    }

    #[test]
    fn styled_text_stands_out_from_every_ground() {
        let lists = tokens();
        assert_eq!(lists.len(), 3);
        assert_eq!(lists[1], lists[2], "the two lists of the dark theme differ");
        let texts = ["ink", "muted", "accent", "old", "new", "cross", "independent", "better", "worse", "mixed"];
        for list in lists {
            for (text, ground) in texts.iter().flat_map(|text| ["surface", "raised", "ground"].map(|on| (*text, on))) {
                assert!(contrast(list[text], list[ground]) >= 4.5, "{text} on {ground}");
            }
            assert!(contrast(list["on-accent"], list["accent"]) >= 4.5);
            assert!(contrast(list["line-strong"], list["surface"]) >= 3.0, "outlines of fields");
        }
    }

    #[test]
    fn drawn_and_styled_colours_are_the_same() {
        let tokens = include_str!("../../../style/tokens.css");
        for (palette, name) in [(Palette::LIGHT, "light"), (Palette::DARK, "dark")] {
            for color in [palette.ink, palette.muted, palette.surface, palette.old, palette.new, palette.cross] {
                assert!(tokens.contains(&css(color)), "tokens.css lacks {} of the {name} theme", css(color));
            }
        }
    }

    /// Asked of the root or the body, `:has()` makes the browser style the whole page anew at every change of any part.
    #[test]
    fn no_rule_asks_what_the_whole_page_has() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
        let sheets = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        assert!(sheets.len() > 10);
        for sheet in sheets {
            let text = std::fs::read_to_string(&sheet).unwrap();
            for asked in ["html:has(", "body:has(", ":root:has("] {
                assert!(!text.contains(asked), "{} has `{asked}`", sheet.display());
            }
        }
    }
}
