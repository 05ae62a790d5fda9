struct Client;

#[bridgehead::blocking(crate = bridge, timeout)]
impl Client {
    async fn get(&self) -> u32 {
        4
    }

    async fn set(&self) {}
}

fn main() {}
