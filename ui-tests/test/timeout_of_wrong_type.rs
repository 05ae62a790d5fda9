// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test(timeout = 5_u64 + 1)]
#[cold]
async fn works(_: u8) {}

fn main() {}
