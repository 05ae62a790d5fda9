//! A detached task returns an error, which ends the program; `main` is dropped.

struct SaysSo;

impl Drop for SaysSo {
    fn drop(&mut self) {
        println!("main is dropped");
    }
}

#[bridgehead::entry(unhandled = "fail")]
async fn main() {
    let _says_so = SaysSo;
    bridgehead::spawn(async { Err::<(), _>("of the test") }).detach();
    std::future::pending::<()>().await;
}
