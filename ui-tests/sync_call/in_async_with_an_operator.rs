use bridgehead::sync_call;

async fn outer(other: bool) -> u32 {
    sync_call!(if other { std::future::ready(1) } else { std::future::ready(2) })
}

fn main() {
    drop(outer(true));
}
