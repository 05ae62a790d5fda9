#[bridgehead::entry(unhandled = "shutdown_runtime")]
async fn main() {}
