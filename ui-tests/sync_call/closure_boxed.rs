// errors: 2 because two traits are not implemented
use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let start: Box<dyn Fn(u32) -> std::future::Ready<u32>> = Box::new(std::future::ready);
    let _ = sync_call!(start);
}
