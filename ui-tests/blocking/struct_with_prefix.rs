#[bridgehead::blocking(type = BlockingClient, prefix = "sync_")]
struct Client;

fn main() {}
