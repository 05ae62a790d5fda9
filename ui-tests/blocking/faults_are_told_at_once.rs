// errors: 5 because there are five.
struct Client;

#[bridgehead::blocking(prefx = "sync_", timeout = 4)]
impl Client {
    #[blocking(skp)]
    async fn get(&self) {}

    fn blocking_get(&self) {}

    #[blocking(name = "closed")]
    fn is_closed(&self) {}
}

fn main() {
    // No fault of its own.
    Client.blocking_get();
}
