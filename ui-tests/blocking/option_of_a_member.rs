#[bridgehead::blocking(skip)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
