#[bridgehead::test(leaks = "ignroe")]
async fn works() {}

fn main() {}
