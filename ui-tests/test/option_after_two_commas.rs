#[bridgehead::test(leaks = "fail",, timeout = "5s")]
async fn works() {}

fn main() {}
