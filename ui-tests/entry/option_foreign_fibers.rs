#[bridgehead::entry(flavor = "local", fibers = true)]
async fn main() {}
