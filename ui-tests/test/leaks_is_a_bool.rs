#[bridgehead::test(leaks = true)]
async fn works() {}

fn main() {}
