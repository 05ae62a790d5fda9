//! Compiles every case, and compares the compiler's messages with the file beside it.

#[test]
fn misuse_is_reported_well() {
    let cases = trybuild::TestCases::new();
    for folder in bridgehead_ui_tests::folders() {
        cases.compile_fail(format!("{folder}/*.rs"));
    }
}
