#[bridgehead::entry]
fn main() {
    std::future::ready(()).await;
}
