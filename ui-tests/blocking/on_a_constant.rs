#[bridgehead::blocking]
const CLIENT: u32 = 4;

fn main() {}
