struct Client;

#[bridgehead::blocking]
impl Client {
    #[cfg_attr(unix, cfg_attr(windows, blocking(skip)))]
    async fn get(&self) {}
}

fn main() {}
