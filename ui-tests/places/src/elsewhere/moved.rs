async fn outer() {
    bridgehead::sync_call!(crate::ready(1)); //~ inside `async fn outer`
}
