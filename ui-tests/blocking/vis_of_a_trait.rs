#[bridgehead::blocking(vis = pub)]
trait Client {
    async fn get(&self);
}

fn main() {}
