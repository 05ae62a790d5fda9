#[bridgehead::entry]
async fn main {}
