#[bridgehead::blocking(twins())]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
