// errors: 2 because there is a fault in the options and another one in the body
// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test(colour = 4)]
#[cold]
async fn works(_: u8) {
    let text: String = 4;
    drop(text);
}

fn main() {}
