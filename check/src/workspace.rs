//! The workspace that is checked, by cargo's metadata.

use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};

use crate::arguments::{Arguments, Features};
use crate::config::Config;
use crate::error::{Error, Result};

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    packages: Vec<Package>,
    /// The names of the packages whose async code is checked. Empty for all.
    chosen: Vec<String>,
    pub(crate) config: Config,
}

impl Workspace {
    pub(crate) fn find(arguments: &Arguments) -> Result<Self> {
        let mut command = MetadataCommand::new();
        // cargo gets the features, and rejects one that doesn't exist. rust-analyzer would go on
        // without any dependency.
        let Features { names, all, no_default } = &arguments.features;
        command.features(CargoOpt::SomeFeatures(names.clone()));
        for (option, is_asked_for) in
            [(CargoOpt::AllFeatures, *all), (CargoOpt::NoDefaultFeatures, *no_default)]
        {
            if is_asked_for {
                command.features(option);
            }
        }
        if let Some(path) = &arguments.manifest_path {
            command.manifest_path(path);
        }
        let mut metadata = command.exec().map_err(|error| cargo_error(&error))?;
        let Metadata { packages, workspace_members, .. } = &mut metadata;
        packages.retain(|package| workspace_members.contains(&package.id));
        let is_there = |name: &&String| {
            metadata.packages.iter().any(|package| package.name.as_str() == **name)
        };
        if let Some(missing) = arguments.packages.iter().find(|name| !is_there(name)) {
            return Err(Error::new(format!("the workspace has no package `{missing}`")));
        }
        Ok(Self {
            config: Config::read(&metadata)?,
            root: metadata.workspace_root.into(),
            target: metadata.target_directory.into(),
            packages: metadata.packages,
            chosen: arguments.packages.clone(),
        })
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().map(folder)
    }

    /// The innermost package around a file, whose path is relative to the root.
    pub(crate) fn package(&self, file: &str) -> Option<&Package> {
        let file = self.root.join(file);
        let around = self.packages.iter().filter(|package| file.starts_with(folder(package)));
        around.max_by_key(|package| folder(package).as_os_str().len())
    }

    /// Whether the async code of this file is checked.
    pub(crate) fn is_chosen(&self, file: &str) -> bool {
        let is_named =
            |package: &Package| self.chosen.iter().any(|name| package.name.as_str() == name);
        self.chosen.is_empty() || self.package(file).is_some_and(is_named)
    }
}

fn folder(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new(""), |folder| folder.as_std_path())
}

/// cargo's own message, without a second "error:", and without earlier lines about what it waits
/// for or downloads.
fn cargo_error(error: &cargo_metadata::Error) -> Error {
    let text = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
        other => other.to_string(),
    };
    Error::new(text.split_once("error: ").map_or(text.as_str(), |(_, error)| error))
}
