// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test(timeout = "10s")]
#[cold]
async fn works(text: &str) {
    drop(text);
}

fn main() {}
