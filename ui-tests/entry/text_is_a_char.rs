#[bridgehead::entry(thread_name = 'w')]
async fn main() {}
