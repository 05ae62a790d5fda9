#[bridgehead::test]
type Works = u32;

fn main() {}
