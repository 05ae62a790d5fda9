//! Compiles every case, and compares what the compiler says with the file beside it.

#[test]
fn misuse_is_told_well() {
    let cases = trybuild::TestCases::new();
    for folder in ["entry", "sync_call", "test", "try_sync_call"] {
        cases.compile_fail(format!("{folder}/*.rs"));
    }
}
