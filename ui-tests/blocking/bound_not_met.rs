// errors: 3 because the compiler names type and body of any async function, and the twin passes the value on.
struct Client<T: Copy>(T);

#[bridgehead::blocking]
async fn fetch(_client: Client<String>) {}

fn main() {}
