//! Finds the cases, which are in this package's folders, so that a new folder need not be listed.
//! Each file has one fault, after which it is named. `tests/ui.rs` runs the cases.

use std::fs;
use std::path::{Path, PathBuf};

/// One fault, and the messages of the compiler about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder of the file.
    pub folder: String,
    /// The file's name without its ending.
    pub name: String,
    /// The Rust file.
    pub path: PathBuf,
    /// The text of the file.
    pub code: String,
    /// The text of the `.stderr` file beside it. Empty if there is none.
    pub said: String,
}

/// The first lines of a case may explain an exception. They begin with one of these.
pub const MARKERS: [&str; 3] =
    ["// errors: ", "// originates in the macro because ", "// main is missing because "];

impl Case {
    /// Whether its first lines have this one of the [`MARKERS`], and the text after it.
    #[must_use]
    pub fn marker(&self, marker: &str) -> Option<&str> {
        let is_marker = |line: &&str| MARKERS.iter().any(|marker| line.starts_with(marker));
        self.code.lines().take_while(is_marker).find_map(|line| line.strip_prefix(marker))
    }

    /// The code without the markers.
    #[must_use]
    pub fn bare(&self) -> String {
        let is_marker = |line: &&str| MARKERS.iter().any(|marker| line.starts_with(marker));
        let lines: Vec<_> = self.code.lines().skip_while(is_marker).chain([""]).collect();
        lines.join("\n")
    }
}

/// The package's own folder.
#[must_use]
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the folders that contain cases: all with Rust files, except those of the package's
/// own code.
///
/// # Panics
///
/// If the package can't be read.
#[must_use]
pub fn folders() -> Vec<String> {
    let mut folders: Vec<_> = children(package())
        .into_iter()
        .filter(|folder| {
            folder.is_dir() && children(folder).iter().any(|file| has_ending(file, "rs"))
        })
        .map(|folder| name(&folder))
        .filter(|name| !["src", "tests"].contains(&name.as_str()))
        .collect();
    folders.sort();
    folders
}

/// All cases, in the order of their names.
///
/// # Panics
///
/// If a case can't be read.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in folders() {
        let mut files = children(&package().join(&folder));
        files.retain(|file| has_ending(file, "rs"));
        files.sort();
        cases.extend(files.into_iter().map(|path| Case {
            folder: folder.clone(),
            name: name(&path),
            code: fs::read_to_string(&path).unwrap(),
            said: fs::read_to_string(path.with_extension("stderr")).unwrap_or_default(),
            path,
        }));
    }
    cases
}

/// The files and folders in a folder.
///
/// # Panics
///
/// If the folder can't be read.
#[must_use]
pub fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Copies a crate of this package, or a workspace, to a folder where it can be built with the
/// versions of the dependencies that this machine has.
///
/// # Panics
///
/// If it can't be read or written.
pub fn copy_crate(folder: &str, to: &Path) {
    let _ = fs::remove_dir_all(to);
    copy(&package().join(folder), to);
    fs::copy(package().join("../Cargo.lock"), to.join("Cargo.lock")).unwrap();
    let runtime = package().join("../runtime");
    let manifest = fs::read_to_string(to.join("Cargo.toml.in")).unwrap();
    fs::write(to.join("Cargo.toml"), manifest.replace("RUNTIME", runtime.to_str().unwrap()))
        .unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for from in children(from) {
        let to = to.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}
