struct Client;

#[bridgehead::blocking]
impl Client {
    fn get(&self) {}
}

fn main() {}
