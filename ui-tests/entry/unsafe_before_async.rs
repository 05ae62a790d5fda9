#[bridgehead::entry]
unsafe async fn main() {}
