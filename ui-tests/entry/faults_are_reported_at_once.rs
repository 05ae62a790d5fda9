// errors: 4 because there are as many faults
#[bridgehead::entry(threads = 4, flavor = "curent_thread", thread_keep_alive = "5x")]
async fn main(args: Vec<String>) {}
