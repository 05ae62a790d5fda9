#[bridgehead::deny_blocking(thread_sleep)]
async fn outer() {}

fn main() {
    drop(outer());
}
