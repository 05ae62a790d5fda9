#[bridgehead::test(timeout = "")]
async fn works() {}

fn main() {}
