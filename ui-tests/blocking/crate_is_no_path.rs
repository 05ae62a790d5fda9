#[bridgehead::blocking(crate = 4)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
