use bridgehead::sync_call;

fn wait<F: Future<Output = u32>>(future: &mut F) -> u32 {
    sync_call!(future)
}

fn main() {}
