use bridgehead::sync_call;

fn wait<F: Future>(future: F) -> u32 {
    sync_call!(future)
}

fn main() {}
