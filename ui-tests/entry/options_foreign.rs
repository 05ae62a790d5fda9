// errors: 6 because there are as many faults
#[bridgehead::entry(
    num_workers = 4,
    max_threads = 4,
    enable_io = true,
    current_thread = true,
    unhandled_panic = "ignore",
    sigterm = true
)]
async fn main() {}
