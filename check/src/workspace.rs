//! The workspace that the command is about, as cargo knows it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

use crate::arguments::Arguments;
use crate::config::Config;
use crate::error::{Error, Result};

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    /// The folders of its packages.
    pub(crate) folders: Vec<PathBuf>,
    /// Those whose async code is looked at.
    pub(crate) chosen: BTreeSet<PathBuf>,
    pub(crate) config: Config,
}

impl Workspace {
    pub(crate) fn find(arguments: &Arguments) -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(path) = &arguments.manifest_path {
            command.manifest_path(path);
        }
        let metadata = command.exec().map_err(|error| cargo_error(&error))?;
        Ok(Self {
            root: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
            folders: metadata.packages.iter().map(|package| folder(&package.manifest_path)).collect(),
            chosen: chosen(&metadata, &arguments.packages)?,
            config: Config::read(&metadata)?,
        })
    }

    /// Whether the async code of this file, from the root on, is looked at: by the innermost package around it.
    pub(crate) fn is_chosen(&self, file: &str) -> bool {
        let file = self.root.join(file);
        let around = self.folders.iter().filter(|folder| file.starts_with(folder));
        around
            .max_by_key(|folder| folder.as_os_str().len())
            .is_some_and(|folder| self.chosen.contains(folder))
    }
}

/// What cargo itself says, without a second "error:".
fn cargo_error(error: &cargo_metadata::Error) -> Error {
    let text = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
        other => other.to_string(),
    };
    Error::new(text.strip_prefix("error: ").unwrap_or(&text))
}

fn folder(manifest: impl AsRef<Path>) -> PathBuf {
    manifest.as_ref().parent().map(Path::to_owned).unwrap_or_default()
}

fn chosen(metadata: &Metadata, names: &[String]) -> Result<BTreeSet<PathBuf>> {
    let is_there =
        |name: &&String| metadata.packages.iter().any(|package| package.name.as_str() == name.as_str());
    if let Some(missing) = names.iter().find(|name| !is_there(name)) {
        return Err(Error::new(format!("the workspace has no package `{missing}`")));
    }
    let is_chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    let packages = metadata.packages.iter().filter(|package| is_chosen(package.name.as_str()));
    Ok(packages.map(|package| folder(&package.manifest_path)).collect())
}
