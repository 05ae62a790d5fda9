#[bridgehead::blocking]
impl Client {
    async fn get(&self) {}
}

fn main() {}
