macro_rules! a { ($($b:expr),* $(,)? ; $c:tt $d:lifetime) => { $( async fn $b() { $c!(|e| $b $(+ $d)*) } )* }; (=> {) => { ( }; }
fn f() { quote! { #(#[a])* #vis async fn #name<#(#b),*>() -> $crate::C { #(if #d { #e })* } } html! { <a b={c}> { d } </a> } }
#[derive(A)] #[b(c = "{", d(|e| f))] #![g] async fn h() { select! { a = b => {}, c = d, if e => f, else => {} } }
