async fn apart() {
    std::thread::sleep(std::time::Duration::from_millis(1)); //t sleep
}
