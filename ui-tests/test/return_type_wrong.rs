// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test]
#[cold]
async fn works(_: u8) -> u32 {
    4
}

fn main() {}
