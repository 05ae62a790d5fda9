#[bridgehead::blocking(twins(Client))]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
