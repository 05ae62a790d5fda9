async fn nothing_can_be_known_here() -> u32 {
    bridgehead::sync_call!(crate::ready(1))
}
