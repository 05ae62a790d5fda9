#[bridgehead::test(leaks = policy())]
async fn works() {}

fn main() {}
