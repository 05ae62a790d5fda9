// errors: 2 because there are as many faults
struct Client;

#[bridgehead::blocking(skip, output = u32)]
impl Client {
    async fn get(&self) {}
}

fn main() {}
