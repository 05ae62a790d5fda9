// errors: 2 because there is a fault in the signature and another one in the body
// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
fn works(_: u8) {
    std::future::ready(()).await;
    let text: String = 4;
    drop(text);
}

fn main() {}
