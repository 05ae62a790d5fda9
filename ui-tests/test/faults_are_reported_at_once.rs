// errors: 4 because there are as many faults
#[bridgehead::test(threads = 4, leaks = "fial", timeout = "5x")]
async fn works(number: u32) {}

fn main() {}
