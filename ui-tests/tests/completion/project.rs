//! A crate that depends on bridgehead, and the tools to look into it.

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
    /// Makes it anew. Not where the tools are missing: then the test has nothing to do, and says
    /// so.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let (Some(analyzer), Some(sources)) = (analyzer(), sources()) else {
            let remedy = "run `rustup component add rust-analyzer rust-src`";
            let message =
                format!("skipped: {name}: rust-analyzer or rust-src is missing; {remedy}\n");
            // Not `eprintln!`, of which the test harness shows only what comes from a test that
            // failed.
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

    /// The one file of it.
    pub(crate) fn main(&self) -> PathBuf {
        self.folder.join("src/main.rs")
    }

    /// For the server, and for the cargo that it runs. What cargo builds is shared and kept.
    pub(crate) fn env(&self) -> [(&str, PathBuf); 2] {
        let target = self.folder.with_file_name("target");
        [("CARGO_TARGET_DIR", target), ("CARGO_NET_OFFLINE", "true".into())]
    }
}

/// The toolchain's own, or else any.
fn analyzer() -> Option<PathBuf> {
    let pinned = output("rustup", &["which", "rust-analyzer"]);
    let found = [pinned.unwrap_or_default(), "rust-analyzer".to_owned()];
    // rustup has one on the path that only says that it isn't installed.
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

/// Only the crates, without their workspace's manifest: for that rust-analyzer would want std's
/// dependencies from the registry, and without a network know nothing of std at all.
fn link_crates(sources: &Path, library: &Path) {
    fs::create_dir(library).unwrap();
    for entry in fs::read_dir(sources).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            std::os::unix::fs::symlink(entry.path(), library.join(entry.file_name())).unwrap();
        }
    }
}
