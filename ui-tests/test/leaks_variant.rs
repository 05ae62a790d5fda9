#[bridgehead::test(leaks = Leaks::Fail)]
async fn works() {}

fn main() {}
