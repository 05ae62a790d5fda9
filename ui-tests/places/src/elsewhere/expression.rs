bridgehead::sync_call!(crate::ready(1))
