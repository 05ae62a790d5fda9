impl<'a, 'r#b: 'a> A<'a> for B<'_, '\''> where for<'c> fn(&'c str): Fn(&'c u8) -> &'static str {
    async fn f<'d>(&'d self) -> &'d str {
        'outer: loop { break 'outer 'x' ; }
        match c { 'a'..='z' | '\'' | '"' => 'b: { break 'b }, _ => {} }
        for<'e> |f: &'e u8| -> u8 { *f }
    }
}
