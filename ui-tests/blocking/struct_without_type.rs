#[bridgehead::blocking]
struct Client;

fn main() {}
