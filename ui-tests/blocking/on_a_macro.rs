#[bridgehead::blocking]
macro_rules! client {
    () => {};
}

client!();

fn main() {}
