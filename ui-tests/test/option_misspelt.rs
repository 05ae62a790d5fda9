#[bridgehead::test(leak = "fail")]
async fn works() {}

fn main() {}
