use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

static VALUE: Option<u32> = try_sync_call!(fetch(), timeout = "1s").ok();

fn main() {
    println!("{VALUE:?}");
}
