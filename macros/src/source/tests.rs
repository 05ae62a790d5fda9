use crate::source::file::SourceFile;
use crate::source::scopes::scope::Scope;
use crate::source::steps::of as steps;

#[test]
fn lines_and_columns_count_as_those_of_the_compiler() {
    let source = SourceFile::new("aé😀b\n\tc\n\nd");
    for (line, column, offset) in [
        (1, 1, 0),
        (1, 2, 1),
        (1, 3, 3),
        (1, 4, 7),
        (1, 5, 8),
        (2, 1, 9),
        (2, 2, 10),
        (2, 3, 11),
        (3, 1, 12),
        (4, 1, 13),
        (4, 2, 14),
    ] {
        assert_eq!(source.offset(line, column), Some(offset), "{line}:{column}");
    }
    for (line, column) in
        [(0, 1), (1, 0), (1, 6), (2, 4), (3, 2), (4, 3), (5, 1), (usize::MAX, usize::MAX)]
    {
        assert_eq!(source.offset(line, column), None, "{line}:{column}");
    }
    assert_eq!(SourceFile::new("").offset(1, 1), Some(0));
    assert_eq!(SourceFile::new("a\n").offset(2, 1), Some(2));
}

#[test]
fn a_file_is_as_the_compiler_has_it() {
    let source = SourceFile::new("\u{FEFF}async fn f() {\r\n\tg();\r\n}");
    let offset = source.offset(2, 2).unwrap();
    assert!(source.has(offset, "g();\n}"));
    assert!(!source.has(offset, "f"));
    assert!(!source.has(offset, "g();\n}\n"));
    assert!(!source.has(usize::MAX, ""));
    assert!(!SourceFile::new("é").has(1, ""));
    assert_eq!(*source.scope(offset), Scope::AsyncFn("f".to_owned()));
    assert_eq!(SourceFile::new("a\rb\r\r\nc").text(), "a\rb\r\nc");
}

#[test]
fn scopes_are_by_offset() {
    let text = "const A: u8 = 1;\nasync fn f() { g(|| 1, 2) }";
    let source = SourceFile::new(text);
    let scope = |at: &str| source.scope(text.find(at).unwrap());
    assert_eq!(*scope("const"), Scope::Items);
    assert_eq!(*scope("1;"), Scope::Const);
    assert_eq!(*scope("async"), Scope::Items);
    assert_eq!(*scope("{"), Scope::Items);
    assert_eq!(*scope("g"), Scope::AsyncFn("f".to_owned()));
    // The token that begins a scope is outside of it, and the token that ends it is inside.
    assert_eq!(*scope("||"), Scope::AsyncFn("f".to_owned()));
    assert_eq!(*scope("1,"), Scope::Closure);
    assert_eq!(*scope(", 2"), Scope::Closure);
    assert_eq!(*scope("2)"), Scope::AsyncFn("f".to_owned()));
    assert_eq!(*scope("}"), Scope::AsyncFn("f".to_owned()));
    assert_eq!(*source.scope(text.len()), Scope::Items);
    assert_eq!(*source.scope(usize::MAX), Scope::Items);
    assert_eq!(*SourceFile::new("").scope(0), Scope::Items);
}

#[test]
#[cfg_attr(miri, ignore = "takes 20 minutes there, and has no access that the others lack")]
fn places_in_one_line_take_linear_time() {
    let taken = |calls| {
        let source = SourceFile::new(&"é(f());".repeat(calls));
        steps(|| {
            for call in 0..calls {
                assert_eq!(source.offset(1, 1 + 7 * call), Some(8 * call));
            }
        })
    };
    let (fewer, more) = (taken(2_000), taken(4_000));
    assert!(more < 3 * fewer, "{fewer} steps, and {more} for twice as many calls");
}
