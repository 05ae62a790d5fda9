use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    println!("{}", const { sync_call!(fetch()) });
}
