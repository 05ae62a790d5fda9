use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

macro_rules! block {
    ($future:expr) => {
        sync_call!($future)
    };
}

async fn outer() -> u32 {
    block!(fetch())
}

fn main() {
    drop(outer());
}
