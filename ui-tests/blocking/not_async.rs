#[bridgehead::blocking]
fn fetch() -> u32 {
    4
}

fn main() {}
