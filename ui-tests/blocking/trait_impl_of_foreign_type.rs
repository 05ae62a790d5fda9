trait Client {
    async fn get(&self);
}

#[bridgehead::blocking]
impl Client for Vec<u8> {
    async fn get(&self) {}
}

fn main() {}
