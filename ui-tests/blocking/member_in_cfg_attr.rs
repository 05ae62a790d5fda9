struct Client;

#[bridgehead::blocking]
impl Client {
    #[cfg_attr(unix, blocking(skip))]
    async fn get(&self) {}
}

fn main() {}
