#[bridgehead::blocking(type = BlockingClient)]
trait Client {
    async fn get(&self);
}

fn main() {}
