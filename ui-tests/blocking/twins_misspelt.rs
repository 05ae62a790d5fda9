#[bridgehead::blocking(twins(Clinet = BlockingClient))]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
