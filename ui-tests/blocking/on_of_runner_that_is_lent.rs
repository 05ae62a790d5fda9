struct Client {
    runner: bridgehead::Runner,
}

#[bridgehead::blocking(on = self.runner)]
impl Client {
    async fn set(&mut self) {}
}

fn main() {}
