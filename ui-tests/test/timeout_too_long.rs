#[bridgehead::test(timeout = "18446744073709551616s")]
async fn works() {}

fn main() {}
