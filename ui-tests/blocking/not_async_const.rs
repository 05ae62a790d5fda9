#[bridgehead::blocking]
const fn fetch() -> u32 {
    4
}

fn main() {}
