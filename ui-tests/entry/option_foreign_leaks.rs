#[bridgehead::entry(leaks = "fail")]
async fn main() {}
