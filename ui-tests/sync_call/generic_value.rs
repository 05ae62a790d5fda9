use bridgehead::sync_call;

fn wait<T>(value: T) {
    sync_call!(value)
}

fn main() {}
