use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    let value: u32 = try_sync_call!(fetch(), on_stall = Some(1)).unwrap();
    println!("{value}");
}
