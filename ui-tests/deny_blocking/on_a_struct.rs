#[bridgehead::deny_blocking]
struct Client;

fn main() {
    let _ = Client;
}
