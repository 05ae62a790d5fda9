#[bridgehead::blocking(type = BlockingClient, on = "background")]
struct Client;

fn main() {}
