#[bridgehead::blocking("5s")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
