use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

async fn outer() -> u32 {
    sync_call!(async {
        let first = fetch().await;
        first + fetch().await
    })
}

fn main() {
    drop(outer());
}
