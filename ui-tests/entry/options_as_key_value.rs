// errors: 2 because the compiler refuses the shape, and the attribute reports the fix
#[bridgehead::entry = "current_thread"]
async fn main() {}
