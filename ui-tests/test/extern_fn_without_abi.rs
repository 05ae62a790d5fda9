#[bridgehead::test]
async extern fn works() {}

fn main() {}
