#[bridgehead::test]
fn works() {}

fn main() {}
