#[bridgehead::blocking]
trait Client {
    fn get(&self);
}

fn main() {}
