//! Checks code that the documentation shows, and that a test file contains because more of it can
//! be tested there than in a doc test.

/// Checks that each block of code with this fence occurs in a source that is tested. Lines that
/// rustdoc hides are left out.
///
/// # Panics
///
/// If a block doesn't occur, or if there is none.
pub fn assert_code_is_of(page: &str, fence: &str, sources: &[&str]) {
    let blocks = code(page, fence);
    assert!(!blocks.is_empty(), "no block with ```{fence}");
    for block in blocks {
        assert!(
            sources.iter().any(|source| source.contains(block.trim_end())),
            "not tested as it is shown:\n{block}"
        );
    }
}

/// The visible lines of each block of code with this fence.
fn code(page: &str, fence: &str) -> Vec<String> {
    let begin = format!("```{fence}\n");
    let blocks = page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap_or(rest));
    blocks
        .map(|block| block.split_inclusive('\n').filter(|line| is_shown(line)).collect())
        .collect()
}

fn is_shown(line: &str) -> bool {
    !line.starts_with("# ")
}
