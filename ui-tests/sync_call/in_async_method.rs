use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

struct Client;

impl Client {
    async fn fetch_twice(&self) -> u32 {
        fetch().await + sync_call!(fetch())
    }
}

fn main() {
    drop(Client.fetch_twice());
}
