#[bridgehead::entry(unhandled = "reprot")]
async fn main() {}
