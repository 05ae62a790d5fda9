#[bridgehead::blocking(type = BlockingClient)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
