#[bridgehead::blocking(type = blocking::Client)]
struct Client;

fn main() {}
