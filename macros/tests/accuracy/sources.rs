//! The files that are read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Larger files of packages are mostly generated, and take long to parse.
const LARGEST: u64 = 24 << 10;

/// The sources of this workspace, and of the packages that it depends on.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for package in packages() {
        collect(&package, &mut files);
    }
    files.sort();
    files.dedup();
    files
}

/// The folders of all packages that are needed on this platform. They exist, since this test was
/// built with them.
fn packages() -> Vec<PathBuf> {
    let version = cargo(&["-vV"]);
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo tells its host");
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]);
    let manifests = metadata.split(r#""manifest_path":""#).skip(1);
    manifests
        .filter_map(|rest| {
            let path = rest.split('"').next()?.replace(r"\\", r"\");
            Path::new(&path).parent().map(Path::to_path_buf)
        })
        .collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// Adds the sources in a folder. Skips what can't be read.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
        if metadata.is_dir() && entry.file_name() != "target" {
            collect(&path, files);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if metadata.is_file() && is_source && metadata.len() <= LARGEST {
            files.push(path);
        }
    }
}
