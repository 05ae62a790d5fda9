use bridgehead::try_sync_call;

fn wait<T>(value: T) {
    let _ = try_sync_call!(value);
}

fn main() {}
