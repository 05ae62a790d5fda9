#[bridgehead::test(on_unhandled = "log")]
async fn works() {}

fn main() {}
