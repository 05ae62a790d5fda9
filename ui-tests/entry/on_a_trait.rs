#[bridgehead::entry]
trait Main {
    async fn main();
}
