#[bridgehead::entry]
async fn main() {}

#[bridgehead::entry]
async fn main() {}
