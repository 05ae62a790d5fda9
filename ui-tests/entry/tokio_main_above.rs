#[tokio::main]
#[bridgehead::entry]
async fn main() {}
