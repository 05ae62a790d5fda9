// errors: 4 because there are as many faults
#[bridgehead::blocking(type = BlockingClient, name = "Other", prefix = "sync_", skip, derive = "Clone")]
struct Client;

fn main() {}
