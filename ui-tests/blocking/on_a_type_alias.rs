#[bridgehead::blocking]
type Client = u32;

fn main() {}
