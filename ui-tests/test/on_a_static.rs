#[bridgehead::test]
static WORKS: u32 = 4;

fn main() {}
