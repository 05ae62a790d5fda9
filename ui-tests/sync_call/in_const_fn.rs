use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

const fn value() -> u32 {
    sync_call!(fetch())
}

fn main() {
    println!("{}", value());
}
