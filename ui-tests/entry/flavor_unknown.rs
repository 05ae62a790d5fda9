#[bridgehead::entry(flavor = "green")]
async fn main() {}
