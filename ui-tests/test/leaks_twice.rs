#[bridgehead::test(leaks = "fail", leaks = "ignore")]
async fn works() {}

fn main() {}
