use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

const VALUE: bool = try_sync_call!(fetch()).is_ok();

fn main() {
    println!("{VALUE}");
}
