#[bridgehead::entry]
async fn helper() {}

fn main() {}
