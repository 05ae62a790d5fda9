//! With the line ends of another system.
async fn outer() {
    bridgehead::sync_call!( //~ inside `async fn outer`
        crate::ready(1)
    );
    let _ = || {
        bridgehead::sync_call!(crate::ready(1))
    };
}
