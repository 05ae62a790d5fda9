#[bridgehead::test]
#[allow(unused)]
async fn works(number: u32) {}

fn main() {}
