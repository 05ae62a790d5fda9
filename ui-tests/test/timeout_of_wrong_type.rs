// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test(timeout = 5_u64 + 1)]
#[cold]
async fn works(_: u8) {}

fn main() {}
