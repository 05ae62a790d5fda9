#[bridgehead::entry(thread_stack_size = true)]
async fn main() {}
