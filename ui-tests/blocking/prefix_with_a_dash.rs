#[bridgehead::blocking(prefix = "sync-")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
