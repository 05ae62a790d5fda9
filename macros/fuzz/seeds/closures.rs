async fn f() {
    let a = |b: u8| -> u8 { b } | c || d && |e| async move |f| async { f.await };
    let g = a as u8 < b || c as Vec<Vec<u8>> >= d << 2;
    match |a| b { |A | B| C if d | e => |f| g, D | E => (|| h)(), }
    if let Some(|a) = b || c { async || {} } else { move || 1 };
    vec![|a| a; const { 3 }] ; ..=b ; a..|| c; return |d| e; <A as B<{ C }>>::D::<fn(A) -> B>(|a| a);
}
