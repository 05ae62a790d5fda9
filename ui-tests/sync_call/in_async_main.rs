use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

#[bridgehead::entry]
async fn main() {
    println!("{}", sync_call!(fetch()));
}
