// errors: 3 because the compiler names type and argument of any async function, and the twin passes the value on.
#[bridgehead::blocking]
async fn fetch(url: str) {}

fn main() {}
