use bridgehead::entry;

#[entry]
#[entry]
async fn main() {}
