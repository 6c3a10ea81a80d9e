//! Pictures of forms that are not read, so that they can be called by their names.

/// Ends of names, and the forms that they stand for.
const ENDS: [(&str, &str); 13] = [
    (".webp", "WebP"),
    (".gif", "GIF"),
    (".bmp", "BMP"),
    (".tif", TIFF),
    (".tiff", TIFF),
    (".dcm", "DICOM"),
    (".heic", HEIC),
    (".heif", HEIC),
    (".avif", "AVIF"),
    (".jp2", "JPEG 2000"),
    (".jxl", "JPEG XL"),
    (".ppm", "PPM"),
    (".pgm", "PGM"),
];
const TIFF: &str = "TIFF";
const HEIC: &str = "HEIC";

/// The form of the picture that begins so; none where that is not known.
pub(crate) fn form(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("WebP"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("GIF"),
        // Two letters are few: the four bytes that are always 0 too.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("BMP"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(TIFF),
        [0, 0, 0, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some("AVIF"),
        [0, 0, 0, _, b'f', b't', b'y', b'p', b'h', b'e', ..] => Some(HEIC),
        [0, 0, 0, _, b'f', b't', b'y', b'p', b'm', b'i', b'f', b'1', ..] => Some(HEIC),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => Some("JPEG 2000"),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("JPEG XL"),
        head if head.get(128..132) == Some(b"DICM") => Some("DICOM"),
        _ => None,
    }
}

/// The form of a picture whose name, in lower case, ends so.
pub(crate) fn by_name(path: &str) -> Option<&'static str> {
    ENDS.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, form)| form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_what_they_begin_with() {
        assert_eq!(form(b"RIFF\x1a\0\0\0WEBPVP8 "), Some("WebP"));
        assert_eq!(form(b"RIFF\x1a\0\0\0WAVEfmt "), None);
        assert_eq!(form(b"GIF89a"), Some("GIF"));
        assert_eq!(form(b"BM\x36\x0c\0\0\0\0\0\0\x36"), Some("BMP"));
        assert_eq!(form(b"BM comes before BN"), None);
        assert_eq!(form(b"\0\0\0\x1cftypavif"), Some("AVIF"));
        assert_eq!(form(b"\0\0\0\x18ftypheic"), Some("HEIC"));
        assert_eq!(by_name("cat/1.webp"), Some("WebP"));
        assert_eq!(by_name("cat/1.png"), None);
    }
}
