// errors: 3 because the compiler refuses it as well
#[bridgehead::deny_blocking]
mod elsewhere;

fn main() {}
