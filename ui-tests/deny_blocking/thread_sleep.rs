use std::time::Duration;

#[bridgehead::deny_blocking]
async fn outer() {
    std::thread::sleep(Duration::from_secs(1));
}

fn main() {
    drop(outer());
}
