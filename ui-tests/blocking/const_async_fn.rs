#[bridgehead::blocking]
const async fn fetch() {}

fn main() {}
