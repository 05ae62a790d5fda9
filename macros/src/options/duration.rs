//! Durations written as string literals: `"250ms"`, `"5s"`, `"1m30s"`.
//!
//! The crate `humantime` isn't used: it accepts months, spaces and the units' long names, and its
//! errors don't propose the unit that was meant.

use std::time::Duration;

const NANOS_IN_A_SECOND: u128 = 1_000_000_000;

/// The units and their nanoseconds, in the order in which they are to be written.
const UNITS: [(&str, u128); 6] = [
    ("h", 3600 * NANOS_IN_A_SECOND),
    ("m", 60 * NANOS_IN_A_SECOND),
    ("s", NANOS_IN_A_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// How the units' other names begin, the longer beginnings first.
const OTHER_NAMES: [(&str, &str); 9] = [
    ("mil", "ms"),
    ("ms", "ms"),
    ("mic", "us"),
    ("us", "us"),
    ("µ", "us"),
    ("n", "ns"),
    ("s", "s"),
    ("m", "m"),
    ("h", "h"),
];

/// Reads the duration, or returns the message about it.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        return Err("expected a duration such as `\"5s\"`, found an empty string".to_owned());
    }
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return Err(format!("expected a duration such as `\"5s\"`, found `\"{text}\"`"));
    }
    if text.starts_with('-') {
        return Err("a duration can't be negative; remove the `-`".to_owned());
    }
    let mut nanos: u128 = 0;
    let mut units = UNITS.as_slice();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split_before(rest, char::is_alphabetic);
        let (unit, after) = split_before(after, |c| !c.is_alphabetic());
        let count = whole(number)?;
        let position = position(units, number, unit)?;
        let part = count.checked_mul(units[position].1);
        nanos = part.and_then(|part| nanos.checked_add(part)).ok_or_else(|| too_long(text))?;
        units = &units[position + 1..];
        rest = after;
    }
    let seconds = u64::try_from(nanos / NANOS_IN_A_SECOND).map_err(|_| too_long(text))?;
    let nanos = u32::try_from(nanos % NANOS_IN_A_SECOND).map_err(|_| too_long(text))?;
    Ok(Duration::new(seconds, nanos))
}

fn split_before(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

fn whole(number: &str) -> Result<u128, String> {
    if number.is_empty() {
        return Err("expected a number before the unit, such as `5s`".to_owned());
    }
    if number.contains(char::is_whitespace) {
        return Err("expected a duration without spaces, such as `5s` or `1m30s`".to_owned());
    }
    if !number.chars().all(|c| c.is_ascii_digit()) {
        return Err(format!(
            "expected a whole number before the unit, found `{number}`; use a smaller unit"
        ));
    }
    number.parse().map_err(|_| too_long(number))
}

/// The index of the unit among those that may still follow.
fn position(units: &[(&str, u128)], number: &str, unit: &str) -> Result<usize, String> {
    if let Some(position) = units.iter().position(|(name, _)| *name == unit) {
        return Ok(position);
    }
    if unit.is_empty() {
        return Err(format!(
            "expected a unit after `{number}`, such as `{number}s` or `{number}ms`"
        ));
    }
    if UNITS.iter().any(|(name, _)| *name == unit) {
        return Err(format!(
            "`{unit}` is out of order; write each unit once, the longest first: `1h30m`"
        ));
    }
    let folded = unit.to_lowercase();
    Err(match OTHER_NAMES.iter().find(|(beginning, _)| folded.starts_with(beginning)) {
        Some((_, meant)) => format!("unknown unit `{unit}`; did you mean `{number}{meant}`?"),
        None => format!("unknown unit `{unit}`; expected `h`, `m`, `s`, `ms`, `us` or `ns`"),
    })
}

fn too_long(text: &str) -> String {
    format!("`{text}` is longer than a `Duration` can be")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_meant() {
        let expect = |text, duration| assert_eq!(parse(text), Ok(duration), "{text}");
        expect("250ms", Duration::from_millis(250));
        expect("5s", Duration::from_secs(5));
        expect("0s", Duration::ZERO);
        expect("1m30s", Duration::from_secs(90));
        expect("2h", Duration::from_secs(7200));
        expect("7us", Duration::from_micros(7));
        expect("5000000000ns", Duration::from_secs(5));
        expect("1h2m3s4ms5us6ns", Duration::new(3723, 4_005_006));
        expect("18446744073709551615s", Duration::from_secs(u64::MAX));
    }

    #[test]
    fn reports_what_is_wrong() {
        let expect = |text, part: &str| {
            let message = parse(text).expect_err(text);
            assert!(message.contains(part), "{text}: {message}");
        };
        expect("", "found an empty string");
        expect("5", "expected a unit after `5`, such as `5s`");
        expect("1m30", "expected a unit after `30`");
        expect("s", "found `\"s\"`");
        expect("never", "found `\"never\"`");
        expect("s5", "expected a number before the unit");
        expect("5 s", "without spaces");
        expect("1m 30s", "without spaces");
        expect("1.5s", "expected a whole number before the unit, found `1.5`");
        expect("-5s", "can't be negative");
        expect("5x", "unknown unit `x`; expected");
        expect("5sec", "did you mean `5s`?");
        expect("5minutes", "did you mean `5m`?");
        expect("5MS", "did you mean `5ms`?");
        expect("5millis", "did you mean `5ms`?");
        expect("5µs", "did you mean `5us`?");
        expect("30s1m", "`m` is out of order");
        expect("1s1s", "`s` is out of order");
        expect("18446744073709551616s", "longer than");
        expect("999999999999999999999999999999999999999999s", "longer than");
    }
}
