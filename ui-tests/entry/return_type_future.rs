#[bridgehead::entry]
async fn main() -> impl Future<Output = ()> {
    async {}
}
