#[bridgehead::test(flavor = "multi_thred")]
async fn works() {}

fn main() {}
