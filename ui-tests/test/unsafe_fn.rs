#[bridgehead::test]
async unsafe fn works() {}

fn main() {}
