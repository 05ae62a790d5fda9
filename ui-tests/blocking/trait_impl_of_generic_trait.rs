trait Client<T> {
    async fn get(&self) -> Option<T>;
}

struct Http;

#[bridgehead::blocking]
impl<T> Client<T> for Http {
    async fn get(&self) -> Option<T> {
        None
    }
}

fn main() {}
