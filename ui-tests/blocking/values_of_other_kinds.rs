// errors: 3 because there are as many faults
struct Client;

#[bridgehead::blocking(prefix = 4, module = 4, twins = 4)]
impl Client {
    async fn get(&self) {}
}

fn main() {}
