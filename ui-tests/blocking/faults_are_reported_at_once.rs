// errors: 5 because there are as many faults
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
    // The call of the twin adds no fault.
    Client.blocking_get();
}
