// errors: 2 because the compiler refuses the shape, and what was meant is told as well
#[bridgehead::entry = "current_thread"]
async fn main() {}
