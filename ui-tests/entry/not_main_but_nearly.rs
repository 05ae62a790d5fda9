#[bridgehead::entry]
async fn Main() {}
