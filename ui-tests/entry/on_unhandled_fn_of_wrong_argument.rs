fn handler(message: String) {
    drop(message);
}

#[bridgehead::entry(on_unhandled = handler)]
async fn main() {}
