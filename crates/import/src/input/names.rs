//! The names of an archive's entries. Many programs write them in the encoding of their system and do not say which that is.

use std::io::{Read, Seek};

use encoding_rs::GBK;
use zip::ZipArchive;

/// The names of all entries, by index, and a sentence where an encoding was guessed. What is not marked as UTF-8 is taken for UTF-8 where
/// all names are that, for Chinese (GBK) where all look like it, and else for the characters of the first PCs (code page 437), as the
/// format says.
pub(crate) fn of<R: Read + Seek>(archive: &mut ZipArchive<R>, path: &str) -> (Vec<String>, Option<String>) {
    let name = |index| archive.name_for_index(index).unwrap_or_default().to_owned();
    let mut names: Vec<String> = (0..archive.len()).map(name).collect();
    let mut unsaid: Vec<(&mut String, Vec<u8>)> = Vec::new();
    for (index, name) in names.iter_mut().enumerate().filter(|(_, name)| !name.is_ascii()) {
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        if String::from_utf8_lossy(entry.name_raw()) != *name {
            unsaid.push((name, entry.name_raw().to_vec()));
        }
    }
    if unsaid.is_empty() {
        return (names, None);
    }
    let raw = || unsaid.iter().map(|(_, raw)| raw.as_slice());
    let utf8: Option<Vec<String>> = raw().map(|raw| String::from_utf8(raw.to_vec()).ok()).collect();
    let chinese = if utf8.is_none() { chinese(raw()) } else { None };
    let guess = match (&utf8, &chinese) {
        // Nothing else is that by chance.
        (Some(_), _) => None,
        (None, Some(_)) => Some("GBK"),
        (None, None) => Some("code page 437"),
    };
    if let Some(decoded) = utf8.or(chinese) {
        unsaid.iter_mut().zip(decoded).for_each(|((name, _), decoded)| **name = decoded);
    }
    let notice = guess.zip(unsaid.first()).map(|(guess, (name, _))| {
        format!(
            "{path} does not say in which encoding its names are, so they were read as {guess}, such as {name}; where that is wrong, \
             pack it again with names in UTF-8."
        )
    });
    (names, notice)
}

/// The names as Chinese, where all can be read so and most of their characters are the usual ones, of GB 2312. These have two high bytes
/// each, which names of European letters on old PCs hardly have: there letters with accents stand among plain ones.
fn chinese<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Vec<String>> {
    let (mut usual, mut rare) = (0_usize, 0_usize);
    for name in names.clone() {
        let mut bytes = name.iter();
        while let Some(lead) = bytes.find(|byte| !byte.is_ascii()) {
            match bytes.next() {
                Some(0xa1..) if *lead >= 0xa1 => usual += 1,
                _ => rare += 1,
            }
        }
    }
    if usual <= rare {
        return None;
    }
    names.map(|raw| Some(GBK.decode_without_bom_handling_and_without_replacement(raw)?.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&[u8]]) -> Option<Vec<String>> {
        chinese(names.iter().copied())
    }

    #[test]
    fn chinese_is_told_from_european_letters() {
        assert_eq!(
            read(&[b"\xc3\xa8\xc3\xa8/1.png", b"\xb9\xb7\xb9\xb7/1.png"]).unwrap(),
            ["猫猫/1.png", "狗狗/1.png"]
        );
        // A rare character among usual ones: 陶喆.
        assert_eq!(read(&[b"\xcc\xd5\x86\xb4", b"\xc3\xa8"]).unwrap(), ["陶喆", "猫"]);
        // "Société" of code page 437, "São" of 850, "Straße".
        assert_eq!(read(&[b"Soci\x82t\x82"]), None);
        assert_eq!(read(&[b"S\xc6o", b"Stra\xe1e"]), None);
        assert_eq!(read(&[b"\xc3\xa8\xff"]), None);
    }
}
