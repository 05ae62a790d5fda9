#[bridgehead::blocking(module = api::blocking)]
struct Client;

fn main() {}
