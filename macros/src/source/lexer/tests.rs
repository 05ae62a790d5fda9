use super::*;
use crate::source::file::SourceFile;
use crate::source::steps::of as steps;

/// The tokens as words, with the texts of literals and lifetimes.
fn lex(text: &str) -> String {
    let words = Lexer::new(text).map(|(span, token)| {
        let text = &text[span];
        match token {
            Token::Ident(word) => word.to_owned(),
            Token::Lifetime => format!("lifetime:{text}"),
            Token::Literal => format!("literal:{text}"),
            Token::Punct { char, joint } => format!("{char}{}", if joint { "+" } else { "" }),
            Token::Open(_) | Token::Close(_) => text.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn words_and_marks() {
    assert_eq!(lex("fn f(a: b) { c[0] }"), "fn f ( a : b ) { c [ literal:0 ] }");
    assert_eq!(lex("_ _a a1 r#fn größe 名前 r"), "_ _a a1 r#fn größe 名前 r");
    assert_eq!(lex("a||b | |c"), "a |+ | b | | c");
    assert_eq!(lex("a=>b==c..=d::e"), "a =+ > b =+ = c .+ .+ = d :+ : e");
    assert_eq!(lex("#![a] $b \\ `"), "#+ ! [ a ] $ b \\ `");
    assert_eq!(lex("a\u{2028}b\u{85}c\u{200E}"), "a b c");
    assert_eq!(lex(""), "");
}

#[test]
fn comments_are_no_tokens() {
    assert_eq!(lex("a // b\nc /// d\n//! e\nf"), "a c f");
    assert_eq!(lex("a /* b */ c /* d /* e */ f */ g /** h */ i /**/ j"), "a c g i j");
    assert_eq!(lex("a //* b\nc /*/ d */ e"), "a c e");
    assert_eq!(lex("a /* b /* c */ d"), "a");
    assert_eq!(lex("a // b"), "a");
    assert_eq!(lex("a+// b\nc"), "a + c");
    assert_eq!(lex("a / b /= c"), "a / b /+ = c");
}

/// Asserts that each text is a single literal.
fn are_literals(texts: &[&str]) {
    for text in texts {
        assert_eq!(lex(&format!("{text} a")), format!("literal:{text} a"));
    }
}

#[test]
fn strings() {
    are_literals(&[
        "\"\"",
        "\"a\"",
        r#""\"""#,
        r#""\\""#,
        r#"b"\"b""#,
        "c\"c\"",
        "\"'{\"",
        "\"a\"suffix",
    ]);
    assert_eq!(
        lex(r#""a"0.5 r"b"1 'c'2"#),
        "literal:\"a\" literal:0.5 literal:r\"b\" literal:1 literal:'c' literal:2"
    );
    are_literals(&["\"a\n// b\\\n\"", "\"\\\"// b\"", "b\"\\\\\""]);
    are_literals(&[
        "r\"\\\"",
        "r\"a\"",
        "br\"a\"",
        "cr\"a\"",
        "r#\"\"\"#",
        "r##\"a\"#b\"##",
        "br###\"\"\"##\"###",
    ]);
    for unterminated in ["\"b", "\"b\\", "\"b\\\"", "r#\"b\"", "b\"b", "r##\"b\"#"] {
        assert_eq!(lex(&format!("a {unterminated}")), format!("a literal:{unterminated}"));
    }
}

#[test]
fn characters_and_lifetimes() {
    are_literals(&[
        "'a'",
        "'ä'",
        r"'\''",
        r"'\\'",
        r"'\u{1F600}'",
        "'😀'",
        r"'\n'",
        "'('",
        r"'\x41'",
        "'\"'",
        "'{'",
    ]);
    are_literals(&["b'x'", r"b'\''", "b'\"'", "'ab'"]);
    assert_eq!(
        lex("'a 'static '_ 'ä 'r#fn <'a>"),
        "lifetime:'a lifetime:'static lifetime:'_ lifetime:'ä lifetime:'r#fn <+ lifetime:'a >"
    );
    assert_eq!(lex("&'a A<'b,'c>"), "&+ lifetime:'a A <+ lifetime:'b ,+ lifetime:'c >");
    assert_eq!(lex("'a: loop { break 'a; }"), "lifetime:'a : loop { break lifetime:'a ; }");
    assert_eq!(lex("'a'..='z'"), "literal:'a' .+ .+ =+ literal:'z'");
    assert_eq!(lex("a '"), "a literal:'");
    assert_eq!(lex("a '\\"), "a literal:'\\");
    // An unclosed character literal ends with its line.
    assert_eq!(lex("a '(b\nc"), "a literal:'(b c");
}

#[test]
fn numbers() {
    assert_eq!(lex("1..2"), "literal:1 .+ . literal:2");
    assert_eq!(
        lex("1.0 1. 1e5 1e-5 1.5E+3 1_0.0_1"),
        "literal:1.0 literal:1. literal:1e5 literal:1e-5 literal:1.5E+3 literal:1_0.0_1"
    );
    assert_eq!(
        lex("0xFF_u8 0b1 0o7 1usize 0xe+1"),
        "literal:0xFF_u8 literal:0b1 literal:0o7 literal:1usize literal:0xe + literal:1"
    );
    assert_eq!(lex("1.\u{2028}a 1.ä"), "literal:1. a literal:1 . ä");
    assert_eq!(lex("1.foo() 1.e5"), "literal:1 . foo ( ) literal:1 . e5");
    assert_eq!(lex("1u8.$a"), "literal:1u8 .+ $ a");
    assert_eq!(lex("1._a"), "literal:1 . _a");
    assert_eq!(lex("t.0.1"), "t . literal:0.1");
    assert_eq!(lex("1e+a"), "literal:1e + a");
}

#[test]
fn what_comes_before_the_source() {
    assert_eq!(lex("#!/usr/bin/env run 'a (\nb"), "b");
    assert_eq!(lex("#!/usr/bin/env"), "");
    assert_eq!(lex("#![a]\nb"), "#+ ! [ a ] b");
    assert_eq!(lex("#! /* c */ // d\n [a]"), "#+ ! [ a ]");
    assert_eq!(lex("#!/usr/bin/env cargo\n\n---cargo\n# don't\n---\nb"), "b");
    assert_eq!(lex("----\n---\n'\n----\nb"), "b");
    assert_eq!(lex("--- a"), "-+ -+ - a");
    assert_eq!(lex("a\n---\nb"), "a -+ -+ - b");
}

/// If the steps grew with the square of the length, there would be thousands for each byte.
#[test]
#[cfg_attr(miri, ignore = "long texts, of which Miri would take an hour")]
fn takes_as_many_steps_as_bytes() {
    let units = [
        "(",
        ")",
        "(}",
        "{(",
        "[{)",
        "/*",
        "/**/",
        "//",
        "'",
        "'(",
        "''",
        "'a",
        "\"",
        "\\",
        "\"\\",
        "r####",
        "r#\"",
        "\"####",
        "b'",
        "|",
        "||",
        "<",
        ">",
        "a<",
        "::<",
        "as ",
        "a as b<",
        "fn ",
        "fn f",
        "fn f<",
        "async ",
        "const ",
        "const A",
        "static a",
        "let ",
        "match ",
        "match a{",
        "if ",
        "for ",
        "=>",
        ",",
        ";",
        "|a|",
        "|a|{",
        "#",
        "#[",
        "$",
        "$(",
        "!",
        "a!",
        "a![",
        "é",
        "\u{2028}",
        "\n",
        "1",
        "1.",
        "1e",
        "r#",
        "r#a",
        "async fn a() {",
        "-",
        "---",
        "macro_rules! a",
        "enum A{",
        "enum A{a=",
        "\0",
        "[a;",
    ];
    for unit in units {
        for start in
            ["", "fn f() { let a = |b| match c { d => ", "r####\"", "r#####", "macro_rules! m {"]
        {
            let text = format!("{start}{}", unit.repeat(50_000 / unit.len()));
            let steps = steps(|| {
                SourceFile::new(&text);
            });
            let most = 8 * text.len();
            assert!(
                steps <= most,
                "{steps} for {} bytes, many `{unit}` after `{start}`",
                text.len()
            );
        }
    }
}
