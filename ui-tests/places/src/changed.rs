fn before() -> u32 {
    bridgehead::sync_call!(crate::ready(1))
}
async fn after() -> u32 {
    bridgehead::sync_call!(crate::ready(1))
}
