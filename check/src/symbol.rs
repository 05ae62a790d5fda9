//! Converts the names of functions in the index to paths.

use scip::symbol::parse_symbol;
use scip::types::descriptor::Suffix;

/// A path as Rust writes it, beginning with the crate's name. A method's path is the module of its
/// `impl`, the type, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Path(Vec<String>);

impl Path {
    /// The path of a symbol such as `rust-analyzer cargo std … sync/mpsc/impl#[Receiver]recv().`.
    /// `None` for a local variable, and for what isn't a symbol of Rust.
    pub(crate) fn of_symbol(symbol: &str) -> Option<Self> {
        let symbol = parse_symbol(symbol).ok()?;
        let mut path = vec![symbol.package.as_ref()?.name.replace('-', "_")];
        let mut has_self_type = false;
        for descriptor in symbol.descriptors {
            let name = descriptor.name;
            match descriptor.suffix.enum_value().ok()? {
                Suffix::Type if name == "impl" => has_self_type = false,
                Suffix::Namespace if name == "crate" => {}
                // The second type parameter is the trait.
                Suffix::TypeParameter if has_self_type => {}
                Suffix::TypeParameter => {
                    has_self_type = true;
                    path.push(type_name(&name).to_owned());
                }
                Suffix::Macro => path.push(format!("{name}!")),
                Suffix::Local => return None,
                _ => path.push(name),
            }
        }
        Some(Self(path))
    }

    /// The path that a user writes.
    pub(crate) fn written(path: &str) -> Self {
        Self(path.split("::").map(str::to_owned).collect())
    }

    pub(crate) fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// Whether a user refers to this path by the written one. That needn't name every module: an
    /// item is known by the path that its crate exports, and its definition may be deeper inside.
    /// It has to name a method's type. A `*` at its end matches any name.
    pub(crate) fn is(&self, written: &Self) -> bool {
        let ([crate_name, modules @ .., name], [first, inner @ .., last]) =
            (&self.0[..], &written.0[..])
        else {
            return false;
        };
        let is_name = name == last || last == "*";
        let is_type = |part: &&String| part.starts_with(char::is_uppercase);
        let is_parent =
            modules.last().filter(is_type).is_none_or(|parent| inner.last() == Some(parent));
        let mut modules = modules.iter();
        crate_name == first
            && is_name
            && is_parent
            && inner.iter().all(|part| modules.any(|module| module == part))
    }

    /// The crate, the parent and the name of a twin of this function. Without a `parent` the twin
    /// has that of the function.
    pub(crate) fn twin(&self, parent: Option<String>, name: String) -> Option<[String; 3]> {
        let [crate_name, .., own_parent, _] = &self.0[..] else { return None };
        Some([crate_name.clone(), parent.unwrap_or_else(|| own_parent.clone()), name])
    }

    /// The keys by which this path may be a twin. A twin with a timeout has a longer name.
    pub(crate) fn twin_keys(&self) -> Vec<[String; 3]> {
        let [crate_name, .., parent, name] = &self.0[..] else { return Vec::new() };
        let names = [Some(name.as_str()), name.strip_suffix("_timeout")].into_iter().flatten();
        names.map(|name| [crate_name.clone(), parent.clone(), name.to_owned()]).collect()
    }

    /// The whole path.
    pub(crate) fn full(&self) -> String {
        self.0.join("::")
    }

    /// The name in messages. That of a method includes its type.
    pub(crate) fn short(&self) -> String {
        let parts = match &self.0[..] {
            [.., parent, name] if parent.starts_with(char::is_uppercase) => {
                &[parent.as_str(), name.as_str()][..]
            }
            [.., name] => &[name.as_str()],
            [] => &[],
        };
        parts.join("::")
    }
}

/// The name of a type without references, modules and generics.
fn type_name(name: &str) -> &str {
    let name =
        name.trim_start_matches(['&', '(']).trim_start_matches("mut ").trim_start_matches("dyn ");
    let name = name.split(['<', ' ']).next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::Path;

    fn path(symbol: &str) -> Path {
        Path::of_symbol(&format!(
            "rust-analyzer cargo std https://github.com/rust-lang/rust/library/std {symbol}"
        ))
        .expect("a path")
    }

    #[test]
    fn a_path_of_the_table_is_found() {
        let cases = [
            ("thread/functions/sleep().", "std::thread::sleep"),
            ("sync/mpsc/impl#[`Receiver<T>`]recv().", "std::sync::mpsc::Receiver::recv"),
            ("fs/impl#[File][Read]read().", "std::fs::File::read"),
            ("macros/println!", "std::println!"),
            ("io/Read#read().", "std::io::Read::read"),
        ];
        for (symbol, written) in cases {
            assert!(path(symbol).is(&Path::written(written)), "{symbol} {written}");
        }
        assert!(!path("thread/functions/sleep().").is(&Path::written("std::process::sleep")));
        assert!(!path("thread/functions/sleep().").is(&Path::written("tokio::thread::sleep")));
        assert!(!path("thread/impl#[Sleeper]sleep().").is(&Path::written("std::thread::sleep")));
        assert!(path("thread/impl#[Sleeper]sleep().").is(&Path::written("std::Sleeper::*")));
        assert_eq!(path("sync/mpsc/impl#[`Receiver<T>`]recv().").short(), "Receiver::recv");
    }

    #[test]
    fn a_local_variable_has_no_path() {
        assert_eq!(Path::of_symbol("local 4"), None);
    }
}
