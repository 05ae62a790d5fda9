//! «Ünïcödé», also before a call: 😀.
async fn größe() {
    let (ä, _) = ("😀 {", bridgehead::sync_call!(crate::ready(1))); //~ inside `async fn größe`
    let _ = ['ä', '{', '\'', '"', '😀']; /* 😀 { */ bridgehead::sync_call!(crate::ready(1)); //~ inside `async fn größe`
    let _ = |ö: u32| { "😀"; bridgehead::sync_call!(crate::ready(ö)) };
}
