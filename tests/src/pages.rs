//! Code that the documentation shows and can't run itself, since it needs more than the crate does.

/// Checks that each block of code with this fence is, as it stands, part of a source that is tested.
///
/// # Panics
///
/// When one isn't, or when there is none.
pub fn assert_code_is_of(page: &str, fence: &str, sources: &[&str]) {
    let blocks = code(page, fence);
    assert!(!blocks.is_empty(), "no block with ```{fence}");
    for block in blocks {
        assert!(sources.iter().any(|source| source.contains(block)), "not tested as it is shown:\n{block}");
    }
}

/// The blocks of code with this fence.
fn code<'a>(page: &'a str, fence: &str) -> Vec<&'a str> {
    let begin = format!("```{fence}\n");
    page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap_or(rest)).collect()
}
