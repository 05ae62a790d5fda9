use bridgehead::try_sync_call;

fn main() {
    let number = 4;
    let _ = try_sync_call!(number, timeout = "5s");
}
