struct Client;

#[bridgehead::blocking]
impl Client {
    async fn get(&self, url: Url) {
        drop(url);
    }
}

fn main() {}
