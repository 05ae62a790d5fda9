#[bridgehead::blocking(output = ())]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
