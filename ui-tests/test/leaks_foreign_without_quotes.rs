#[bridgehead::test(leaks = deny)]
async fn works() {}

fn main() {}
