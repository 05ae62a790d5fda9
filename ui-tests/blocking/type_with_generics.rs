#[bridgehead::blocking(type = BlockingClient<T>)]
struct Client<T>(T);

fn main() {}
