#[bridgehead::blocking(prefix)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
