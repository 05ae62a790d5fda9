#[bridgehead::blocking(prefix = sync_)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
