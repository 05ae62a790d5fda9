// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test(crate = nowhere)]
#[cold]
async fn works(_: u8) {}

fn main() {}
