//! The page `misuse` of the crate's documentation shows code and errors of the cases.

use std::fs;

use bridgehead_ui_tests::{cases, package};

#[test]
fn the_page_shows_what_the_compiler_reports() {
    let page = fs::read_to_string(package().join("../runtime/docs/misuse.md")).unwrap();
    let blocks: Vec<_> = page
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("text\n"))
        .collect();
    assert!(blocks.len() >= 30 && blocks.len() % 2 == 0, "{}", blocks.len());
    let cases = cases();
    for pair in blocks.chunks(2) {
        let (code, error) = (pair[0].trim_end(), pair[1]);
        assert!(error.starts_with("error"), "{error}");
        // In a case the code of a call is within a function.
        let has_code = |text: &str| code.lines().all(|line| text.contains(line));
        let is_shown = cases.iter().any(|case| has_code(&case.code) && case.said.contains(error));
        assert!(is_shown, "no case has this code and this error:\n{code}\n{error}");
    }
}
