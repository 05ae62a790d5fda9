// errors: 2 because there is a fault in the options and another one in the body
// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test(colour = 4)]
#[cold]
async fn works(_: u8) {
    let text: String = 4;
    drop(text);
}

fn main() {}
