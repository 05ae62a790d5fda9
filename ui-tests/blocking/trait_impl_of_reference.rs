trait Client {
    async fn get(&self);
}

struct Http;

#[bridgehead::blocking]
impl Client for &Http {
    async fn get(&self) {}
}

fn main() {}
