#[bridgehead::blocking(output = 4)]
fn fetch() -> std::future::Ready<u32> {
    std::future::ready(4)
}

fn main() {}
