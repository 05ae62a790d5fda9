#[bridgehead::test]
struct Works;

fn main() {}
