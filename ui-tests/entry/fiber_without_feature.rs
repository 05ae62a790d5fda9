#[bridgehead::entry(flavor = "current_thread", fiber = true)]
async fn main() {}
