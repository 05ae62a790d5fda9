#[bridgehead::test(timeout = "5seconds")]
async fn works() {}

fn main() {}
