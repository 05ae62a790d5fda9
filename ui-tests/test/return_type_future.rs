// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
async fn works(_: u8) -> impl Future<Output = ()> {
    async {}
}

fn main() {}
