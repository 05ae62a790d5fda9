// errors: 3 because the compiler reports two for any async function, and one for the twin
#[bridgehead::blocking]
async fn fetch(url: str) {}

fn main() {}
