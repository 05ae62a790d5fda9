use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    let twice = async |number: u32| number * sync_call!(fetch());
    drop(twice(2));
}
