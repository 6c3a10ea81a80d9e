//! Writing Protocol Buffers by hand: the few kinds of fields that a graph needs.
//!
//! A field is its number and kind, as one varint, and then its value
//! (<https://protobuf.dev/programming-guides/encoding/>).

/// Kind of a field that is one varint.
const VARINT: u32 = 0;
/// Kind of a field that has its length before it: text, bytes, a message.
const LENGTH: u32 = 2;

/// The fields of a message, one after the other.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// A whole number; a negative one takes ten bytes.
    pub(super) fn int(&mut self, field: u32, value: i64) {
        self.key(field, VARINT);
        self.varint(value as u64);
    }

    /// Text.
    pub(super) fn text(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// Bytes.
    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A message within this one.
    pub(super) fn message(&mut self, field: u32, message: &Self) {
        self.bytes(field, &message.0);
    }

    /// All fields.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn key(&mut self, field: u32, kind: u32) {
        self.varint(u64::from((field << 3) | kind));
    }

    /// Seven bits a byte, the lowest first; the eighth says that another byte follows.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_format_has_them() {
        let mut inner = Message::default();
        // The examples of the encoding's own documentation: 150, "testing", and a message of the first.
        inner.int(1, 150);
        let mut message = Message::default();
        message.text(2, "testing");
        message.message(3, &inner);
        message.int(16, -1);
        message.bytes(1, &[]);
        let mut expected = vec![0x12, 0x07];
        expected.extend(b"testing");
        expected.extend([0x1a, 0x03, 0x08, 0x96, 0x01]);
        expected.extend([0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        expected.extend([0x0a, 0x00]);
        assert_eq!(message.into_bytes(), expected);
    }

    #[test]
    fn lengths_of_more_than_one_byte_are_varints() {
        let mut message = Message::default();
        message.bytes(1, &[7; 300]);
        let bytes = message.into_bytes();
        assert_eq!((&bytes[..3], bytes.len()), (&[0x0a, 0xac, 0x02][..], 303));
    }
}
