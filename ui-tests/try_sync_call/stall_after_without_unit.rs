use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    let value: u32 = try_sync_call!(fetch(), stall_after = "5").unwrap();
    println!("{value}");
}
