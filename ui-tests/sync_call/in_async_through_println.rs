use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

async fn outer() {
    println!("{}", sync_call!(fetch()));
}

fn main() {
    drop(outer());
}
