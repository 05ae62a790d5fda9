#[bridgehead::entry(signals = [bridgehead::Signal::Kill])]
async fn main() {}
