#[bridgehead::blocking(output = u32)]
fn fetch() -> std::future::Ready<String> {
    std::future::ready(String::new())
}

fn main() {}
