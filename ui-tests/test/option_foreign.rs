// errors: 5 because there are as many faults
#[bridgehead::test(
    unhandled_panic = "shutdown_runtime",
    time_limit = "5s",
    leak_check = true,
    should_panic,
    ignore
)]
async fn works() {}

fn main() {}
