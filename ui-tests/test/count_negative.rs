#[bridgehead::test(thread_stack_size = -1)]
async fn works() {}

fn main() {}
