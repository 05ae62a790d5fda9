use super::*;
use crate::source::file::SourceFile;
use crate::source::scopes::scope::Scope;

/// Asserts the scope of each `‸` in the texts.
fn all(expected: &Scope, texts: &[&str]) {
    for text in texts {
        let source = SourceFile::new(&text.replace('‸', ""));
        let marks: Vec<_> = text
            .match_indices('‸')
            .enumerate()
            .map(|(i, (at, mark))| at - i * mark.len())
            .collect();
        assert!(!marks.is_empty(), "{text}");
        for mark in marks {
            assert_eq!(source.scope(mark), expected, "{text}");
        }
    }
}

/// The same for texts that are the body of `async fn f`.
fn all_in_async(expected: &Scope, bodies: &[&str]) {
    for body in bodies {
        all(
            expected,
            &[
                &format!("async fn f() {{ {body} }}"),
                &format!("macro_rules! m {{ () => {{ async fn f() {{ {body} }} }} }}"),
            ],
        );
    }
}

fn async_fn(name: &str) -> Scope {
    Scope::AsyncFn(name.to_owned())
}

#[test]
fn functions() {
    all(
        &Scope::Fn,
        &[
            "fn f() { ‸ }",
            "pub(crate) unsafe extern \"C\" fn f() { ‸ }",
            "extern fn f() { ‸ }",
            "fn f<A: B<C>, const N: usize>(a: [u8; N], b: fn(u8) -> u8) -> Result<A, B> where A: Fn(u8) -> [u8; 3], [(); { N }]: Sized { ‸ }",
            "fn f() -> impl Fn() -> A<{ 1 }> { ‸ }",
            "fn f(a: &dyn Fn() -> u8, A { b, .. }: A, (c | d): E) { ‸ }",
            "fn f<F: AsyncFn(u8) -> u8, G: async Fn(u8)>() { ‸ }",
            "fn f() -> A<B, { C }> { if a { ‸ } else { ‸ } }",
            "fn f() where A: for<'a> B<'a> { ‸ }",
            "fn f<T: const A, U: ~const A + [const] B>() { ‸ }",
            "impl const A for B { fn f(&self) { ‸ } }",
            "trait A { fn f(&self); async fn g(); fn h() { ‸ } }",
            "fn r#async() { ‸ }",
            "fn async() { ‸ }",
            "fn f() { r#async { ‸ }; a.r#async; ‸ }",
            "async fn f() { fn g() { ‸ } }",
            "async fn f() { struct A; impl A { fn g(&self) { ‸ } } }",
            "async fn f(); fn g() { ‸ }",
            "mod a { impl B for C { const D: u8 = 1; fn f() { ‸ } } }",
            "fn f() { let a: fn(u8) -> u8 = g; ‸ }",
            "fn f() { let a: *const u8 = b as *const u8; ‸ }",
            "fn f() { let a = &raw const b; ‸ }",
            "thread_local! { static A: B = ‸; pub static C: D = ‸; }",
            "async fn f() { lazy_static! { static ref A: B = ‸; } }",
            "fn f() { let a = async || 1; ‸; g(async move { 1 }, ‸) }",
            "#[a(async fn b() {)] fn f() { ‸ }",
        ],
    );
    all(
        &async_fn("f"),
        &[
            "async fn f() { ‸ }",
            "pub async fn f() { ‸ }",
            "async unsafe fn f() { ‸ }",
            "async unsafe extern \"C\" fn f() { ‸ }",
            "async gen fn f() { ‸ }",
            "impl A { pub(in crate::a) async fn f(&self) -> A<B> { ‸ } }",
            "trait A { async fn f(&self) { ‸ } }",
            "fn g() { async fn f() { ‸ } }",
            "async fn f() { struct A { b: u8 } fn g() {} ‸ }",
            "async fn f() { use a::{b, c}; ‸ }",
            "async fn f() { const A: u8 = 1; static B: u8 = 1; ‸ }",
            "#[a] /* b */ async /* c */ fn /* { */ f() { ‸ }",
        ],
    );
    all(&async_fn("r#fn"), &["async fn r#fn() { ‸ }"]);
    all(
        &Scope::ConstFn("f".to_owned()),
        &["const fn f() { ‸ }", "pub const unsafe extern \"C\" fn f() { g(‸) }"],
    );
}

#[test]
fn items() {
    all(
        &Scope::Items,
        &[
            "‸fn f() {}‸ mod a { ‸ } impl A { ‸ fn g() {} ‸ } ‸",
            "trait A: B<{ 1 }> where C: D { ‸ fn f(); ‸ type G; ‸ }",
            "async fn f() { struct A { ‸ a: u8 } }",
            "async fn f() { enum A { ‸ B { ‸ c: u8 }, D } }",
            "async fn f() { mod a { ‸ } }",
            "async fn f() { impl A for B { ‸ } }",
            "async fn f() { union A { ‸ a: u8 } }",
            "extern \"C\" { ‸ fn f(); ‸ static A: u8; ‸ } ‸",
            "unsafe extern \"C\" { ‸ }",
            "m! { ‸ } const A: u8 = 1; ‸",
            "fn f(); ‸",
            "struct A<const N: usize = 3>(u8); ‸ struct B; ‸",
            "const A: u8; ‸ static B: u8; ‸ type C = [u8; 3]; ‸",
            "const A: B<{ 1 }, 2> = c::<D, E>(); ‸",
            "use a::{self, b}; ‸",
        ],
    );
}

#[test]
fn closures() {
    all_in_async(
        &Scope::Closure,
        &[
            "spawn_blocking(|| ‸);",
            "spawn_blocking(move || { ‸ });",
            "let a = |b| c + ‸;",
            "let a = |b: HashMap<K, V>, (c, d): (E, F), G { h, i: J(k) }: L, &m, [n, ..], _: fn(O) -> P| ‸;",
            "let a = |b| -> Result<C, D> { ‸ };",
            "let a = |b| -> Result<C, [u8; 3]> { e(|| 1, 2); ‸ };",
            "let a = |#[b] c, d| ‸;",
            "let a = #[b] |c| ‸;",
            "let a = |(B | C)| ‸;",
            "let a = |b: &mut [u8; N]| ‸;",
            "let a = || || ‸;",
            "let a = |b| |c| ‸;",
            "let a = for<'a> |b: &'a u8| -> C<'a> { ‸ };",
            "let a = for<'a, 'b> move || ‸;",
            "let a = static move || ‸;",
            "let a = const || ‸;",
            "return |a| ‸;",
            "break 'a |b| ‸;",
            "a = |b| ‸;",
            "a && |b| ‸;",
            "a || |b| ‸;",
            "match a { B => |c| ‸, }",
            "match a { B if c.iter().any(|d| ‸) => 1, _ => 2 }",
            "match a.map(|b| ‸) { _ => 1 }",
            "if a.any(|b| ‸) {} while b.all(|c| ‸) {} for d in e.map(|f| ‸) {}",
            "let A { b, .. } = c.map(|d| ‸);",
            "let a: B<C, D> = |e| ‸;",
            "A { b: |c| ‸, d: |e| ‸ };",
            "[|a| ‸, |b| ‸];",
            "(|a| ‸)(1);",
            "a(b, |c| d::<E, F>(‸));",
            "html! { <div on:click=move |a| { ‸ }><b on={|c| ‸}/></div> }",
            "a(|b| c as HashMap<K, V> + ‸);",
            "a(|b| <C as D<E, F>>::g(‸));",
            "a(|b| c as fn(D) -> E<F, G>, |h| ‸);",
            "a(|b| (c, ‸), |d| [e, ‸], |f| G { h, i: ‸ });",
            "a(|b| c..‸);",
            "a(|b| -1 + ‸);",
            "a(|b| c < d && ‸);",
            "a(|b| { c; ‸ });",
            "a(|b| if c { ‸ } else { ‸ });",
            "a(|b| match c { D => ‸, E | F => { ‸ } });",
            "println!(\"{}\", a.map(|b| ‸));",
            "select! { a = b(|c| ‸) => |d| ‸, }",
            "if a {} |b| ‸",
            "fn g() {} |b| ‸",
            "match a { B => {} } |b| ‸",
            "for a in b {} |c| ‸",
            "let a = b; |c| ‸",
            "unsafe { 1 } |c| ‸",
            "{ 1 } |c| ‸",
            "match a { B => {} C => |d| ‸, }",
            "match a { 1.. => b(|c| ‸), _ => { |d| ‸ } }",
            "match a { B => if c { d } else { e } F | G => |d| ‸, }",
            "let a = async { |b| ‸ };",
            "const A: fn(u8) -> u8 = |b| ‸;",
            "static A: LazyLock<B> = LazyLock::new(|| ‸);",
            "let a = if let Some(b) = c && let D | E = f { |g| ‸ } else { |h| ‸ };",
        ],
    );
}

#[test]
fn what_is_no_closure_or_is_behind_one() {
    all_in_async(
        &async_fn("f"),
        &[
            "a | ‸; a || ‸; a() | ‸; a[0] || ‸; 1 | ‸; \"a\" == b || ‸; a? | ‸; a.await || ‸; self | ‸;",
            "*a || *‸; !a || !‸; a |= ‸; a.0 | ‸; a.match | ‸; 'a' | ‸; a! { b } | ‸;",
            "a as u8 | ‸; a as [u8; 2] | ‸; a as B<C> | ‸; a as *const u8 | ‸; A::<B> | ‸; <A>::B | ‸;",
            "a as u8 <= ‸; a as u8 > ‸; a < b || c > ‸; a << b | ‸; a >> b || ‸;",
            "a(|b| c, ‸); a(|b| { c }, ‸); a(|b| -> C { d }, ‸); a(|b| c::<D, E>(), ‸); a(|b| c as D<E, F>, ‸);",
            "a(|b| c < d, e > (‸)); a(|| {}).b(‸);",
            "let a = |b| c; ‸; let a = |b| -> C { d }; ‸",
            "match a { | B | C => ‸, | D => ‸ }",
            "match a { | B | C => {} | D => ‸ }",
            "match a { B { .. } | C(..) | d::E::<F> | &G | 1..=2 | .. | \"h\" | -1 | (| i | j) => ‸, _ => ‸ }",
            "match a { B if c | d => ‸, E if let F | G = h => ‸, i @ (1 | 2) => ‸ }",
            "match a { B => |c| d, E | F => ‸, _ => ‸ }",
            "match a { B => c(|d| e).f(), G | H => ‸ }",
            "match a { B => {}.c(), D | E => ‸ }",
            "match if a { b } else { c } { D | E => ‸ }",
            "match unsafe { a } { D | E => ‸ }",
            "if let | A | B = c { ‸ } let | D | E = f; ‸; while let | A | B = c { ‸ }",
            "if let A { b } | C { b } = d { ‸ }",
            "for A { b } in c { ‸ } for (a, b) in 0.. { ‸ } for a in b..=c { ‸ }",
            "let A(b) | C(b) = d else { ‸ }; ‸",
            "matches!(a, B | C | 'd'..='e' | _ if ‸); ‸",
            "if a == (B { c }) { ‸ } else if d { ‸ } ‸",
            "'a: loop { ‸ break 'a; } 'b: { ‸ } ‸",
            "let a = B { c, d: ‸ }; let e = [‸, ‸]; let f = (‸, ‸);",
            "let a = unsafe { ‸ }; let b = loop { ‸ }; let c = { ‸ };",
            "println!(\"{}\", ‸); assert_eq!(‸, ‸); vec![‸; ‸]; m! { ‸ } join!(a, ‸); a::b!(‸);",
            "select! { a = ‸ => ‸, b = c => { ‸ } else => ‸ }",
            "html! { <div on={‸} class=\"a\"><b>{ ‸ }</b></div> } ‸",
            "return ‸; a.b(‸).await?.c(‸); let d = &mut ‸; let e: F<G, H> = ‸;",
            "#[allow(a)] { ‸ } #[cfg(b)] let c = ‸;",
            "async move { 1 }; ‸; async { 1 }.await; ‸; async |a| b; ‸",
            "const { 1 }; ‸; [0; 3]; ‸; let a: [u8; 3] = ‸; a::<{ 1 }>(‸);",
            "let async_ = 1; a.r#async(‸); gen(‸); union(‸); auto(‸); default(‸); macro_rules(‸);",
            "let union = 1; union | ‸; let auto = 2; auto | ‸; safe | ‸; raw | ‸;",
        ],
    );
}

#[test]
fn async_blocks_and_closures() {
    let blocks = [
        "async { ‸ }",
        "let a = async move { ‸ };",
        "spawn(async { a(‸).await });",
        "|| async { ‸ };",
        "async || async move { ‸ };",
        "a.map(|b| async move { if c { ‸ } });",
        "#[a] async { ‸ };",
        "async gen { ‸ };",
        "static A: B = async { ‸ };",
        "match a { B => async { ‸ }, _ => async move { ‸ } }",
        "return async { ‸ };",
        "m!(async { ‸ });",
    ];
    all_in_async(&Scope::AsyncBlock, &blocks);
    all(
        &Scope::AsyncBlock,
        &blocks.map(|block| format!("fn f() {{ {block} }}")).each_ref().map(String::as_str),
    );
    let closures = [
        "async || ‸;",
        "async |a| ‸;",
        "let a = async move |b: C<D, E>| { ‸ };",
        "a(async |b| -> C<D, E> { ‸ });",
        "let a = for<'a> async |b: &'a u8| ‸;",
        "a(async move || b(‸).await);",
    ];
    all_in_async(&Scope::AsyncClosure, &closures);
    // An async closure ends where another closure does.
    all(&Scope::Fn, &["fn f() { a(async |b| c, ‸); a(async |b| -> C { d }, ‸); async {}; ‸ }"]);
}

#[test]
fn constants() {
    all_in_async(
        &Scope::Const,
        &[
            "const A: u8 = ‸;",
            "const _: () = { ‸ };",
            "pub(crate) const A: B<C, { 1 }> = D { e: ‸ };",
            "const A<T>: u8 = ‸;",
            "const r#async: u8 = ‸;",
            "const { ‸ };",
            "let a = const { b(‸) };",
            "match a { const { ‸ } => 1, 1..=const { ‸ } => 2 }",
            "[0; ‸];",
            "[a(|| { b; c }); ‸];",
            "[[0; ‸]; ‸];",
            "let a: [u8; ‸] = b;",
            "let a: &[(u8, [B; ‸])] = c;",
            "a::<{ ‸ }>();",
            "let a: B<C, { ‸ }> = d;",
            "a as B<{ ‸ }>;",
            "fn f<const N: usize = { ‸ }>() -> [u8; ‸] {}",
            "struct A<const N: usize = { ‸ }>([u8; ‸]);",
            "struct A { b: [u8; ‸], c: u8 = ‸ }",
            "enum A { B = ‸, C(u8) = ‸, D { e: u8 } = { ‸ } }",
            "impl A<{ ‸ }> for B {}",
            "trait A { const B: u8 = ‸; }",
            "impl A for B { const C: u8 = ‸; }",
            "m! { a } const B: u8 = ‸;",
            "m! { $(#[$a])* $b const $c: $d = ‸; }",
            "unsafe impl A for B {} const C: u8 = ‸;",
        ],
    );
    all_in_async(
        &Scope::Static,
        &[
            "static A: u8 = ‸;",
            "static mut A: u8 = ‸;",
            "cfg_if! { if #[cfg(a)] { static A: u8 = ‸; } }",
            "pub static A: B<C, D> = E::new(‸);",
            "extern \"C\" { safe static A: u8 = ‸; }",
        ],
    );
}

#[test]
fn macro_definitions() {
    all(
        &Scope::MacroRules,
        &[
            "macro_rules! m { ‸ }",
            "macro_rules! m { () => { ‸ }; ($a:expr) => ( ‸ ); }",
            "macro_rules! m ( () => { ‸ } );",
            "async fn f() { macro_rules! m { ($a:expr) => { $crate::n!(‸, $a) }; } }",
            "macro_rules! m { ($($a:tt)*) => { impl B { ‸ } $($a ‸)* }; }",
            "pub macro m($a:expr) { ‸ }",
            "macro m { () => { ‸ } }",
            "macro_rules! m { ($a:pat) => { match b { $a | C => ‸ } } }",
            "macro_rules! m { ($a:pat) => { match b { $($a => { c(‸) } | D => ‸,)* $e | F => ‸ } } }",
            "macro_rules! m { ($a:pat) => { match b { $($a)|+ if c || d => ‸, _ => ‸ } } }",
            "macro_rules! m { ($a:expr) => { false $(|| $a ‸)* || ‸ } }",
            "macro_rules! m { ($a:expr) => { match b { C => $(d(‸) | ‸)+ } } }",
            "macro_rules! m { ($(|)? $($a:pat)|+ $(if $b:expr)?) => { matches!(c, $($a)|+ $(if $b)?) && ‸ } }",
        ],
    );
    all(&Scope::Fn, &["macro_rules! m { () => { fn f() { ‸ } fn $a() { ‸ } $b fn c() { ‸ } } }"]);
    all(
        &async_fn("$a"),
        &["macro_rules! m { () => { $(#[$b])* $c async fn $a<$d>() -> $e { ‸ } } }"],
    );
    all(&async_fn("#a"), &["fn f() { quote! { #b async fn #a() { ‸ #(#c)* ‸ } } }"]);
    all(
        &Scope::Closure,
        &[
            "macro_rules! m { ($a:ident) => { |$a| ‸ }; () => { b(move || ‸) } }",
            "macro_rules! m { ($a:pat) => { match b { $($a => c(|d| ‸), E | F => { |g| ‸ })* } } }",
            "macro_rules! m { ($a:ident) => { b($(|$a| ‸),*) } }",
        ],
    );
    all(
        &Scope::AsyncBlock,
        &[
            "macro_rules! m { ($a:expr) => { async { $a ‸ } } }",
            "macro_rules! m { ($($a:tt)?) => { async $($a)? { ‸ } } }",
        ],
    );
    all(
        &Scope::Const,
        &[
            "macro_rules! m { ($a:ty) => { const B: $a = ‸; const _: () = ‸; [0; ‸] } }",
            "macro_rules! m { ($a:ident) => { enum $a { $(#[$b])* $c = ‸, $($d = ‸),+ } } }",
        ],
    );
    all(
        &Scope::Items,
        &[
            "macro_rules! m { () => {} } ‸",
            "macro_rules! m ( () => {} ); ‸",
            "macro m {} ‸",
            "macro m($a:tt) {} ‸",
        ],
    );
    all(&async_fn("f"), &["async fn f() { macro_rules! m { () => {} } ‸; m!(‸) }"]);
}

#[test]
fn unbalanced_code() {
    all(
        &async_fn("f"),
        &[
            "async fn f() { ‸",
            "async fn f() { a(b ‸",
            "async fn f() { if a { b( } ‸ }",
            "fn g() { if a { } async fn f() { ‸ }",
            "} ) async fn f() { ) ] ‸ }",
            "fn g( async fn f() { ‸ }",
            "fn g() { let a = | async fn f() { ‸ } }",
            "fn g() { let a: B<; async fn f() { ‸ } }",
            "const A: async fn f() { ‸ }",
            "#[a async fn b() {} ] async fn f() { ‸ }",
            "async fn f() { a as ; ‸ let ; ‸ match ; ‸ |a, ; ‸ <a ; ‸ }",
        ],
    );
    all(&Scope::Items, &["fn f() { a( } ‸", "fn f() { a([{ ) } ‸", "} ‸", "fn f( } ‸"]);
}

#[test]
fn tokens_of_a_macro_are_read_as_those_of_a_file() {
    let punct = |char, joint| Token::Punct { char, joint };
    let mut scopes = Scopes::new();
    // `async fn f(a: &'a u8) { |_| 'a: loop {`
    let tokens = [
        Token::Ident("async"),
        Token::Ident("fn"),
        Token::Ident("f"),
        Token::Open(Delimiter::Parenthesis),
        Token::Ident("a"),
        punct(':', false),
        punct('&', true),
        punct('\'', true),
        Token::Ident("fn"),
        Token::Ident("u8"),
        Token::Close(Delimiter::Parenthesis),
        Token::Open(Delimiter::Brace),
    ];
    for token in tokens {
        scopes.push(token);
    }
    assert_eq!(*scopes.current(), async_fn("f"));
    scopes.push(punct('|', false));
    scopes.push(Token::Ident("_"));
    scopes.push(punct('|', false));
    assert_eq!(*scopes.current(), Scope::Closure);
}
