#[bridgehead::blocking]
std::thread_local! {
    static CLIENT: u32 = 4;
}

fn main() {}
