#[bridgehead::blocking(timeout, timeout)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
