use bridgehead::sync_call;

fn wait<T>(future: impl Future<Output = T>) -> T {
    sync_call!(future);
}

fn main() {}
