#[bridgehead::entry(unhandled = "retry")]
async fn main() {}
