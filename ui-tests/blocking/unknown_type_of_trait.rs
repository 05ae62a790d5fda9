#[bridgehead::blocking]
trait Client {
    async fn get(&self) -> Url;
}

fn main() {}
