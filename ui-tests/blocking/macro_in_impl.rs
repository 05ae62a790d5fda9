macro_rules! getters {
    () => {};
}

struct Client;

#[bridgehead::blocking]
impl Client {
    getters!();

    async fn get(&self) {}
}

fn main() {}
