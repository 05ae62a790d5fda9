//! A file of Windows.
async fn f() {
	let a = "two\
		lines";
	r#"raw
"#;
}
fn g() {} 
