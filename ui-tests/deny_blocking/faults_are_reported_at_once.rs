// errors: 3 because there are as many faults
use std::thread;
use std::time::Duration;

#[bridgehead::deny_blocking]
mod service {
    use super::*;

    pub async fn outer(mutex: &tokio::sync::Mutex<u32>) -> u32 {
        thread::sleep(Duration::from_secs(1));
        let value = *mutex.blocking_lock();
        println!("{}", bridgehead::try_sync_call!(std::future::ready(value), timeout = "1s").unwrap());
        value
    }
}

fn main() {
    drop(service::outer(&tokio::sync::Mutex::new(1)));
}
