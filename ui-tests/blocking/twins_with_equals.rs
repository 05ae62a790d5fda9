#[bridgehead::blocking(twins = BlockingClient)]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
