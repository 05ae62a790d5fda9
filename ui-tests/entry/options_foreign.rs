// errors: 25 because there are as many faults
#[bridgehead::entry(
    num_workers = 4,
    max_threads = 4,
    stack_size = 65536,
    keep_alive = "5s",
    paused = true,
    runtime = "multi_thread",
    enable_io = true,
    multi_thread = true,
    current_thread = true,
    local = true,
    grace = "5s",
    shutdown = "5s",
    unhandled_panic = "ignore",
    on_panic = handler,
    slow_poll = "5ms",
    sigterm = true,
    exit_code = 4,
    fibers = true,
    stall = "panic",
    stall_timeout = "5s",
    deadlock = "panic",
    allow_stall = true,
    timeout = "5s",
    deadline = "5s",
    leaks = "fail"
)]
async fn main() {}
