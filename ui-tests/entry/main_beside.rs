#[bridgehead::entry]
async fn main() {}

fn main() {}
