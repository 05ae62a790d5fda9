//! With the line ends of another system.
async fn outer() {
    bridgehead::sync_call!(
        crate::ready(1) //~ inside `async fn outer`
    );
    let _ = || {
        bridgehead::sync_call!(crate::ready(1))
    };
}
