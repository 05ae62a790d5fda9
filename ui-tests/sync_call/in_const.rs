use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

const VALUE: u32 = sync_call!(fetch());

fn main() {
    println!("{VALUE}");
}
