struct Client {
    port: u16,
}

#[bridgehead::blocking(on = self.port)]
impl Client {
    async fn get(&self) {}
}

fn main() {}
