//! A crate that depends on bridgehead, and the tools that inspect it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    pub(crate) analyzer: PathBuf,
    /// The sources of `core`, `std` and the others.
    pub(crate) library: PathBuf,
}

impl Project {
    /// Makes the project anew. If the tools are missing, returns `None` and prints that the test is
    /// skipped.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let (Some(analyzer), Some(sources)) = (analyzer(), sources()) else {
            let remedy = "run `rustup component add rust-analyzer rust-src`";
            let message =
                format!("skipped: {name}: rust-analyzer or rust-src is missing; {remedy}\n");
            // The test harness would show the output of `eprintln!` only if the test failed.
            io::stderr().write_all(message.as_bytes()).unwrap();
            return None;
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("completion").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let manifest = format!(
            "[package]\nname = \"completion\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nbridgehead.path = '{}'\n",
            workspace.join("runtime").display()
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The same versions, which are on this machine.
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let library = folder.join("library");
        link_crates(&sources, &library);
        let project = Self { folder, analyzer, library };
        fs::write(project.main(), "fn main() {}\n").unwrap();
        Some(project)
    }

    /// The only file of the project.
    pub(crate) fn main(&self) -> PathBuf {
        self.folder.join("src/main.rs")
    }

    /// The environment of the server, and of the cargo that it runs. Builds share a target folder.
    pub(crate) fn env(&self) -> [(&str, PathBuf); 2] {
        let target = self.folder.with_file_name("target");
        [("CARGO_TARGET_DIR", target), ("CARGO_NET_OFFLINE", "true".into())]
    }
}

/// The rust-analyzer of the toolchain, or else one on the path.
fn analyzer() -> Option<PathBuf> {
    let pinned = output("rustup", &["which", "rust-analyzer"]);
    let found = [pinned.unwrap_or_default(), "rust-analyzer".to_owned()];
    // The one that rustup puts on the path may only print that it isn't installed.
    found.into_iter().find(|path| output(path, &["--version"]).is_some()).map(PathBuf::from)
}

fn sources() -> Option<PathBuf> {
    let sysroot = output("rustc", &["--print", "sysroot"])?;
    let library = Path::new(&sysroot).join("lib/rustlib/src/rust/library");
    library.join("core").exists().then_some(library)
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Links only the crates, without their workspace's manifest. With the manifest, rust-analyzer
/// would need std's dependencies from the registry, and without a network it could not load std.
fn link_crates(sources: &Path, library: &Path) {
    fs::create_dir(library).unwrap();
    for entry in fs::read_dir(sources).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            std::os::unix::fs::symlink(entry.path(), library.join(entry.file_name())).unwrap();
        }
    }
}
