#[bridgehead::test]
async extern "C" fn works() {}

fn main() {}
