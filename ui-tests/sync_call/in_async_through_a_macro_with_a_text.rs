use bridgehead::sync_call;

async fn fetch(name: &str) -> usize {
    name.len()
}

macro_rules! wait {
    ($future:expr) => {
        sync_call!($future)
    };
}

async fn outer() -> usize {
    wait!(fetch("a long argument"))
}

fn main() {
    drop(outer());
}
