//! Tables as comma-separated values after RFC 4180.

/// Lines of fields, the first one the header; fields are quoted where they must be.
pub fn csv(lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = String::new();
    for line in lines {
        for (index, field) in line.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            if field.contains([',', '"', '\r', '\n']) {
                text.push('"');
                text.push_str(&field.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(field);
            }
        }
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_need_it_are_quoted() {
        let fields = |fields: [&str; 3]| fields.map(str::to_owned).to_vec();
        let text = csv([fields(["step", "a, b", "say \"so\""]), fields(["1", "", "two\nlines"])]);
        assert_eq!(text, "step,\"a, b\",\"say \"\"so\"\"\"\r\n1,,\"two\nlines\"\r\n");
        assert_eq!(csv([]), "");
    }
}
