// errors: 2 because there are as many faults
#[bridgehead::blocking(type = Other, forward)]
async fn fetch() {}

fn main() {}
