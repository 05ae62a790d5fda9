//! Code that the documentation shows and that is tested elsewhere as well, where more can be tested
//! of it.

/// Checks that what is shown of each block of code with this fence is, as it stands, part of a
/// source that is tested. Lines that rustdoc hides may stand before and after it.
///
/// # Panics
///
/// When one isn't, or when there is none.
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

/// What is shown of the blocks of code with this fence.
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
