#[bridgehead::entry(flavor = CurrentThread)]
async fn main() {}
