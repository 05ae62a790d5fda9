// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
async fn works(_: u8) -> Result<(), String> {
    let four = 4;
    drop(four);
}

fn main() {}
