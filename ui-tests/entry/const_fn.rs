#[bridgehead::entry]
const async fn main() {}
