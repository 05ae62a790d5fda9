trait Client {
    async fn get(&self);
}

#[bridgehead::blocking]
impl<T> Client for T {
    async fn get(&self) {}
}

fn main() {}
