#[bridgehead::entry]
async fn main() {}

trait Program {
    #[bridgehead::entry]
    async fn main(&self) {}
}
