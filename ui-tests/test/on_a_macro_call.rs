#[bridgehead::test]
thread_local! {
    static WORKS: u32 = 4;
}

fn main() {}
