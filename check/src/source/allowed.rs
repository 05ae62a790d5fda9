//! Comments that allow a call to block: `// bridgehead: allow blocking, REASON`.

use std::collections::BTreeSet;

/// The lines to which such comments apply.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    lines: BTreeSet<usize>,
    starts: Vec<usize>,
}

const MARK: &str = "bridgehead: allow blocking";

impl Allowed {
    /// Reads the comments of a file. An error is the place of a comment, and what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut allowed = Self::default();
        let mut at = 0;
        let mut is_open = false;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            allowed.starts.push(at);
            let trimmed = line.trim();
            let is_comment = trimmed.starts_with("//");
            let is_mark = is_mark(line);
            if is_mark && !has_reason(line) {
                return Err((
                    at,
                    "`bridgehead: allow blocking` needs a reason: write it after a comma",
                ));
            }
            // A comment applies to its own line. If it is alone on the line, it also applies to the
            // next line that isn't a comment or an attribute.
            if is_mark || is_open {
                allowed.lines.insert(number);
            }
            let is_before = is_comment || trimmed.starts_with("#[");
            is_open = (is_mark || is_open) && is_before;
            at += line.len();
        }
        Ok(allowed)
    }

    /// Whether a comment applies to the line of this byte.
    pub(crate) fn is_at(&self, at: usize) -> bool {
        let line = self.starts.partition_point(|start| *start <= at);
        line > 0 && self.lines.contains(&(line - 1))
    }
}

/// Whether there is such a comment on the line. If a quote is open before it, it is part of a
/// string.
fn is_mark(line: &str) -> bool {
    let Some((before, _)) = line.split_once(MARK) else { return false };
    let quotes = |code: &str| code.matches('"').count() - code.matches("\\\"").count();
    before.trim_end().strip_suffix("//").is_some_and(|code| quotes(code).is_multiple_of(2))
}

fn has_reason(line: &str) -> bool {
    let (_, rest) = line.split_once(MARK).unwrap_or_default();
    rest.trim_start().strip_prefix(',').is_some_and(|reason| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::Allowed;

    #[test]
    fn a_comment_is_for_its_line_or_the_next() {
        let text = "a(); // bridgehead: allow blocking, short\nb();\n// bridgehead: allow blocking, at start\n// more\n#[x]\nc();\nd();";
        let allowed = Allowed::read(text).unwrap();
        let found =
            ["a()", "b()", "c()", "d()"].map(|call| allowed.is_at(text.find(call).unwrap()));
        assert_eq!(found, [true, false, true, false]);
    }

    #[test]
    fn a_string_is_no_comment() {
        let text = "a(\"// bridgehead: allow blocking\"); b(\"http://c\"); // bridgehead: allow blocking, short";
        assert!(Allowed::read(text).is_ok());
        let text = "b(\"http://c\"); // bridgehead: allow blocking, short";
        assert!(Allowed::read(text).is_ok_and(|allowed| allowed.is_at(0)));
    }

    #[test]
    fn a_reason_is_needed() {
        assert!(Allowed::read("a(); // bridgehead: allow blocking").is_err());
        assert!(Allowed::read("a(); // bridgehead: allow blocking, ").is_err());
    }
}
