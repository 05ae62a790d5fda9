//! Runs rust-analyzer, which resolves every name in the workspace and writes the result to an
//! index.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{env, fs, io};

use serde_json::json;

use crate::arguments::{Arguments, Features, Format};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// The path of the workspace's index. The last index is used again if nothing has changed since.
pub(crate) fn index(workspace: &Workspace, arguments: &Arguments) -> Result<PathBuf> {
    let analyzer = find(&workspace.root)?;
    compile(workspace, arguments)?;
    let config = config(&arguments.features);
    let folder = workspace.target.join("bridgehead");
    let index = folder.join(format!("{:016x}.scip", content(workspace, &analyzer, &config)));
    if index.exists() {
        return Ok(index);
    }
    let failed =
        |error: io::Error| Error::new(format!("can't write to {}: {error}", folder.display()));
    // Removes the index of the earlier contents.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(failed)?;
    let config_file = folder.join("rust-analyzer.json");
    fs::write(&config_file, &config).map_err(failed)?;
    // The index gets its name only when it is complete, so that an interrupted run leaves none.
    let unfinished = folder.join("unfinished.scip");
    run(&analyzer, &workspace.root, &unfinished, &config_file)?;
    fs::rename(&unfinished, &index).map_err(failed)?;
    Ok(index)
}

struct Analyzer {
    program: PathBuf,
    version: String,
}

/// Finds the toolchain's rust-analyzer, or else the one on the path. That may be rustup's proxy,
/// which fails if the component isn't installed.
fn find(root: &Path) -> Result<Analyzer> {
    let own = output(root, "rustup", &["which", "rust-analyzer"]);
    let programs = own.into_iter().chain(["rust-analyzer".to_owned()]);
    let mut found = programs.filter_map(|program| {
        let version = output(root, &program, &["--version"])?;
        Some(Analyzer { program: program.into(), version })
    });
    found.next().ok_or_else(|| {
        Error::new("rust-analyzer is not installed")
            .with_help("run `rustup component add rust-analyzer`")
    })
}

fn output(root: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn config(features: &Features) -> String {
    let names = if features.all { json!("all") } else { json!(features.names) };
    json!({ "cargo": { "features": names, "noDefaultFeatures": features.no_default } }).to_string()
}

/// Runs `cargo check` on the code that is analyzed. In code with an error rust-analyzer can't
/// resolve some names, and calls of these would be missing. `cargo check` runs each time, since the
/// index doesn't record which packages and targets compiled.
fn compile(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let Arguments { packages, features, .. } = arguments;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg("check").current_dir(&workspace.root).stdin(Stdio::null());
    if packages.is_empty() {
        command.arg("--workspace");
    }
    for name in packages {
        command.args(["--package", name]);
    }
    for name in &features.names {
        command.args(["--features", name]);
    }
    let flags = [
        (features.all, "--all-features"),
        (features.no_default, "--no-default-features"),
        (arguments.all_targets, "--all-targets"),
        (arguments.format == Format::Json, "--message-format=json"),
    ];
    command.args(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag));
    let status = if arguments.format == Format::Json {
        pass_on(command.stdout(Stdio::piped()))
    } else {
        command.stdout(Stdio::null()).status()
    };
    if status.map_err(|error| Error::new(format!("can't run cargo: {error}")))?.success() {
        return Ok(());
    }
    Err(Error::new("the code does not compile, so that its calls can't be followed")
        .with_help("mend what `cargo check` reports above"))
}

/// Prints cargo's messages except for the last one, which comes after the reports.
fn pass_on(command: &mut Command) -> io::Result<ExitStatus> {
    let mut cargo = command.spawn()?;
    for line in cargo.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let line = line?;
        if !line.contains(r#""reason":"build-finished""#) {
            println!("{line}");
        }
    }
    cargo.wait()
}

fn run(analyzer: &Analyzer, root: &Path, index: &Path, config: &Path) -> Result<()> {
    let text =
        format!("    Indexing {} with rust-analyzer, which may take minutes", root.display());
    let _progress = Progress::start(text);
    let mut command = Command::new(&analyzer.program);
    command.arg("scip").arg(root).arg("--output").arg(index).arg("--config-path").arg(config);
    command.arg("--exclude-vendored-libraries").current_dir(root).stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| Error::new(format!("can't run rust-analyzer: {error}")))?;
    if output.status.success() && index.exists() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = errors.lines().rev().take(10).collect();
    let last: Vec<_> = last.into_iter().rev().collect();
    Err(Error::new(format!("rust-analyzer failed ({}):\n{}", output.status, last.join("\n"))))
}

/// A hash of everything on which the index depends.
fn content(workspace: &Workspace, analyzer: &Analyzer, config: &str) -> u64 {
    let mut files = Vec::new();
    for folder in workspace.folders().chain([workspace.root.as_path()]) {
        sources(folder, &workspace.target, &mut files);
    }
    files.sort();
    files.dedup();
    let mut hasher = DefaultHasher::new();
    (&analyzer.program, &analyzer.version, config).hash(&mut hasher);
    for file in files {
        (&file, fs::read(&file).ok()).hash(&mut hasher);
    }
    hasher.finish()
}

fn sources(folder: &Path, target: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && path != target && !name.to_string_lossy().starts_with('.') {
            sources(&path, target, files);
        } else if name == "Cargo.lock"
            || path.extension().is_some_and(|end| end == "rs" || end == "toml")
        {
            files.push(path);
        }
    }
}
