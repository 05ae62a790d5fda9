//! Rules for the messages of all cases: one fault, one error, where the user wrote it, and no error
//! that only follows from it.

use std::collections::HashMap;

use bridgehead_ui_tests::{Case, cases, children, folders, package};

fn none_that(is_wrong: impl Fn(&Case) -> bool) {
    let wrong: Vec<_> = cases().into_iter().filter(is_wrong).map(|case| case.path).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The first lines of the errors.
fn errors(case: &Case) -> impl Iterator<Item = &str> {
    case.said.lines().filter(|line| line.starts_with("error"))
}

/// The first lines of this crate's errors. An error of the compiler's has a number; one without
/// can't be distinguished from this crate's.
fn own_errors(case: &Case) -> impl Iterator<Item = &str> {
    case.said.lines().filter_map(|line| line.strip_prefix("error: "))
}

#[test]
fn there_are_cases() {
    assert!(cases().len() > 250);
    for folder in ["entry", "sync_call", "test", "try_sync_call"] {
        assert!(folders().iter().any(|name| name == folder), "{folder}");
    }
}

#[test]
fn every_case_has_a_message_and_every_message_a_case() {
    none_that(|case| case.said.is_empty());
    for folder in folders() {
        let is_alone = |file: &std::path::PathBuf| {
            file.extension().is_some_and(|ending| ending == "stderr")
                && !file.with_extension("rs").exists()
        };
        let alone: Vec<_> =
            children(&package().join(folder)).into_iter().filter(is_alone).collect();
        assert!(alone.is_empty(), "{alone:#?}");
    }
}

#[test]
fn every_case_is_a_fault_of_its_own() {
    let mut seen: HashMap<(String, String), String> = HashMap::new();
    for case in cases() {
        let twin = seen.insert((case.folder.clone(), case.bare()), case.name.clone());
        assert_eq!(twin, None, "{}", case.path.display());
    }
}

/// Cases whose message differs from that of another case only in what is quoted. The message comes
/// from another place in the macros, or the case matters by itself.
const ALIKE: [&str; 21] = [
    "blocking/output_is_wrong",
    "blocking/twin_without_conversion",
    "entry/on_a_struct",
    "entry/on_stall_is_a_bool",
    "entry/option_as_a_call",
    "entry/option_with_colon",
    "entry/option_without_equals",
    "entry/options_in_brackets",
    "entry/options_with_semicolons",
    "entry/signal_status_is_a_number",
    "entry/unhandled_foreign_without_quotes",
    "entry/unsafe_fn",
    "sync_call/assignment_compound",
    "sync_call/awaited",
    "sync_call/awaited_with_parens",
    "sync_call/awaited_with_question_mark",
    "sync_call/in_async_through_a_macro",
    "sync_call/option_of_a_future",
    "sync_call/return",
    // The fault is behind a `&`, where no other token is.
    "sync_call/syntax_reference",
    "try_sync_call/timeout_without_name",
];

/// The message without the source that it shows and without what it quotes.
fn shape(case: &Case) -> String {
    let is_reported = |line: &&str| {
        !line.trim_start().starts_with(|c: char| c.is_ascii_digit() || "|-".contains(c))
    };
    let lines: Vec<_> = case.said.lines().filter(is_reported).collect();
    let parts: Vec<_> = lines.iter().flat_map(|line| line.split('`').step_by(2)).collect();
    parts.join("`")
}

#[test]
fn every_case_has_a_message_of_its_own() {
    let mut seen: HashMap<(String, String), String> = HashMap::new();
    let mut alike = Vec::new();
    for case in cases() {
        if let Some(twin) = seen.insert((case.folder.clone(), shape(&case)), case.name.clone()) {
            alike.push(format!("{}/{}", case.folder, case.name));
            println!("{}/{} is as {twin}", case.folder, case.name);
        }
    }
    assert_eq!(alike, ALIKE, "one of each is enough, or it is one of these");
}

/// A case may contain `// errors: 2 because …`.
#[test]
fn every_fault_is_one_error() {
    none_that(|case| {
        let allowed =
            case.marker("// errors: ").map(|rest| rest.split_once(" because ").unwrap().0);
        // A number that isn't needed is wrong as well.
        allowed == Some("1")
            || errors(case).count() != allowed.map_or(1, |number| number.parse().unwrap())
    });
}

#[test]
fn no_warning_follows() {
    none_that(|case| case.said.lines().any(|line| line.starts_with("warning")));
}

/// A case may contain `// main is missing because …`.
#[test]
fn a_main_function_is_found() {
    none_that(|case| {
        let is_missing = case.said.contains("`main` function not found");
        is_missing != case.marker("// main is missing because ").is_some()
    });
}

/// A case may contain `// originates in the macro because …`.
#[test]
fn errors_are_where_the_user_wrote_them() {
    none_that(|case| {
        let originates = case.said.contains("originates in the");
        originates != case.marker("// originates in the macro because ").is_some()
    });
    // An error without a span would point into the source of the macros.
    none_that(|case| {
        let here = format!("{}/{}.rs:", case.folder, case.name);
        let mut lines = case.said.lines().peekable();
        let mut is_elsewhere = false;
        while let Some(line) = lines.next() {
            if line.starts_with("error") {
                let place = lines.find(|line| line.trim_start().starts_with("--> "));
                is_elsewhere |= !place.is_some_and(|place| place.contains(&here));
            }
        }
        is_elsewhere
    });
}

/// This includes some errors of the compiler's own, which have the same style.
#[test]
fn errors_are_in_lower_case_and_without_full_stop() {
    none_that(|case| {
        own_errors(case).any(|text| {
            let first = text.chars().next().unwrap_or('.');
            first.is_uppercase() || text.ends_with(['.', '!']) || text.contains("please")
        })
    });
}

/// The compiler shows the sources of std and of other crates only if they are on the machine.
#[test]
fn messages_are_the_same_on_every_machine() {
    none_that(|case| {
        ["$RUST", "$CARGO", "/home/", "/root/", "/tmp/", "long-type"]
            .iter()
            .any(|text| case.said.contains(text))
    });
}

#[test]
fn names_are_words() {
    none_that(|case| {
        !case.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    });
}
