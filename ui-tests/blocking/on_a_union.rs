#[bridgehead::blocking]
union Client {
    number: u32,
}

fn main() {}
