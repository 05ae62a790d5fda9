use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let boxed: Box<Result<std::future::Ready<u32>, String>> = Box::new(Ok(std::future::ready(4)));
    let _ = sync_call!(boxed);
}
