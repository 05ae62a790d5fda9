#[bridgehead::entry(r#flavor = "local")]
async fn main() {}
