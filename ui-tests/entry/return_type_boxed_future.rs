#[bridgehead::entry]
async fn main() -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async {})
}
