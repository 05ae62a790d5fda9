use bridgehead::sync_call;

fn wait(value: impl Clone) {
    sync_call!(value)
}

fn main() {}
