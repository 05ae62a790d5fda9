#[bridgehead::test]
const WORKS: u32 = 4;

fn main() {}
