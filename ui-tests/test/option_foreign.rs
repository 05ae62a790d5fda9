#[bridgehead::test(unhandled_panic = "shutdown_runtime")]
async fn works() {}

fn main() {}
