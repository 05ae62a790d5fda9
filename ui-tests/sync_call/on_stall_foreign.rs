use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    let value: u32 = sync_call!(fetch(), on_stall = "error");
    println!("{value}");
}
