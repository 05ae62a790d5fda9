#[bridgehead::entry]
#[tokio::main]
async fn main() {}
