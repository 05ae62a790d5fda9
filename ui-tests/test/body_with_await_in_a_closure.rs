// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
async fn works(_: u8) {
    let fetch = || std::future::ready(4).await;
    drop(fetch);
}

fn main() {}
