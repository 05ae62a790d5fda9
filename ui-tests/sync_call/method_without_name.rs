use bridgehead::sync_call;

struct Client;

fn main() {
    let client = Client;
    let _: u32 = sync_call!(client.);
}
