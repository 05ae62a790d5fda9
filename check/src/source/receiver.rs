//! Finds the type on which a method of `Read`, `BufRead` or `Write` is called. The index has only
//! the trait, and most types that implement it don't block.

use std::rc::Rc;

use syn::{Expr, ExprCall, ExprForLoop, ExprMethodCall, Member};

use crate::index::{File, Symbol};
use crate::source::calls::{self, Callee};
use crate::symbol::Path;

const TRAITS: [&str; 3] = ["std::io::Read::*", "std::io::BufRead::*", "std::io::Write::*"];

/// The types that block, each with the word that its name contains and its path.
const TYPES: [(&str, &str); 8] = [
    ("TcpStream", "std::net::TcpStream"),
    ("UnixStream", "std::os::unix::net::UnixStream"),
    ("StdinLock", "std::io::Stdin"),
    ("Stdin", "std::io::Stdin"),
    ("ChildStdout", "std::process::ChildStdout"),
    ("ChildStderr", "std::process::ChildStderr"),
    ("ChildStdin", "std::process::ChildStdin"),
    ("File", "std::fs::File"),
];

/// The symbol of the type's own method, if the index has that of the trait.
pub(super) fn method_of_type(call: &ExprMethodCall, file: &File) -> Option<Rc<Symbol>> {
    let symbol = file.symbols.get(&calls::start(&call.method))?;
    let is_of_trait = TRAITS.iter().any(|path| symbol.path.is(&Path::written(path)));
    let path = if is_of_trait { path(&call.receiver, file)? } else { return None };
    Some(method(path, symbol.path.last(), symbol))
}

/// Finds a loop over a receiver. It blocks until each message, without a method call in the source.
pub(super) fn receiver_of_loop(each: &ExprForLoop, file: &File) -> Option<(usize, Rc<Symbol>)> {
    let (at, declaration) = declaration(&each.expr, file)?;
    let is_receiver = words(declaration).any(|word| word == "Receiver");
    // The index doesn't contain the crate of the receiver either. In a file that mentions crossbeam
    // it may be crossbeam's.
    let path =
        if file.text.contains("crossbeam") { "crossbeam_channel" } else { "std::sync::mpsc" };
    let path = Path::written(&format!("{path}::Receiver::iter"));
    let symbol = Symbol { name: "loop over a receiver".to_owned(), path, definition: Vec::new() };
    is_receiver.then(|| (at, Rc::new(symbol)))
}

fn method(path: &str, name: &str, symbol: &Symbol) -> Rc<Symbol> {
    let path = Path::written(&format!("{path}::{name}"));
    Rc::new(Symbol { name: symbol.name.clone(), path, definition: Vec::new() })
}

/// The path of an expression's type, as far as its variable, its field, or its call determines it.
fn path(expression: &Expr, file: &File) -> Option<&'static str> {
    match expression {
        Expr::Call(call) => of_call(call, file),
        Expr::MethodCall(call) => {
            let symbol = file.symbols.get(&calls::start(&call.method))?;
            symbol.path.is(&Path::written("std::io::Stdin::lock")).then_some("std::io::Stdin")
        }
        _ => of_type(declaration(expression, file)?.1),
    }
}

/// The path of the type of `io::stdin()`, or of what `BufReader::new(…)` contains.
fn of_call(call: &ExprCall, file: &File) -> Option<&'static str> {
    let symbol = file.symbols.get(&Callee::of_call(call)?.at)?;
    let is = |path: &str| symbol.path.is(&Path::written(path));
    if is("std::io::stdin") {
        return Some("std::io::Stdin");
    }
    let is_buffer = is("std::io::BufReader::new") || is("std::io::BufWriter::new");
    call.args.first().filter(|_| is_buffer).and_then(|inner| path(inner, file))
}

fn of_type(declaration: &str) -> Option<&'static str> {
    let is_named = |name: &str| words(declaration).any(|word| word == name);
    TYPES.iter().find(|(name, _)| is_named(name)).map(|(_, path)| *path)
}

/// The words of the type in `let mut stream: &TcpStream`.
fn words(declaration: &str) -> impl Iterator<Item = &str> {
    let declared = declaration.split_once(": ").map_or("", |(_, declared)| declared);
    declared.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The declaration of the variable or field that an expression is, and the byte at which its name
/// begins.
fn declaration<'a>(expression: &Expr, file: &'a File) -> Option<(usize, &'a str)> {
    let at = match expression {
        Expr::Reference(reference) => return declaration(&reference.expr, file),
        Expr::Paren(inner) => return declaration(&inner.expr, file),
        Expr::Path(path) => calls::start(path.path.get_ident()?),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => calls::start(name),
            Member::Unnamed(_) => return None,
        },
        _ => return None,
    };
    Some((at, file.declarations.get(&at)?))
}

#[cfg(test)]
mod tests {
    use super::of_type;

    #[test]
    fn a_type_is_known_by_its_name() {
        let cases = [
            ("let mut stream: TcpStream", Some("std::net::TcpStream")),
            ("reader: &mut BufReader<ChildStdout>", Some("std::process::ChildStdout")),
            ("let lines: Lines<StdinLock<'static>>", Some("std::io::Stdin")),
            ("let files: Vec<MyFile>", None),
            ("let File = 4", None),
        ];
        for (declaration, path) in cases {
            assert_eq!(of_type(declaration), path, "{declaration}");
        }
    }
}
