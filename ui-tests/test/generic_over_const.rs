#[bridgehead::test]
async fn works<const N: usize>() {}

fn main() {}
