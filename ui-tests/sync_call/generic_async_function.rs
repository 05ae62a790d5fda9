use bridgehead::sync_call;

fn wait<F: AsyncFnOnce() -> u32>(start: F) -> u32 {
    sync_call!(start)
}

fn main() {}
