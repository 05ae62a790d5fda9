//! `[package.metadata.bridgehead]` and `[workspace.metadata.bridgehead]`.

use cargo_metadata::Metadata;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::symbol::Path;

/// The sections of all packages and of the workspace, combined.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Functions that block.
    pub(crate) blocks: Vec<Path>,
    /// Functions that are treated as not blocking, whatever they call.
    pub(crate) allow: Vec<Path>,
    /// Functions that run the closure they get on a thread that may block.
    pub(crate) offloads: Vec<Path>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Section {
    blocks: Vec<String>,
    allow: Vec<String>,
    offloads: Vec<String>,
}

impl Config {
    pub(crate) fn read(metadata: &Metadata) -> Result<Self> {
        let packages = metadata
            .packages
            .iter()
            .map(|package| (package.manifest_path.as_str(), &package.metadata));
        let manifest = metadata.workspace_root.join("Cargo.toml");
        let mut config = Self::default();
        for (file, metadata) in packages.chain([(manifest.as_str(), &metadata.workspace_metadata)])
        {
            let Some(section) = metadata.get("bridgehead") else { continue };
            let section = Section::deserialize(section).map_err(|error| {
                Error::new(format!("in `metadata.bridgehead` of {file}: {error}"))
            })?;
            config.add(section);
        }
        Ok(config)
    }

    fn add(&mut self, section: Section) {
        let all = [
            (&mut self.blocks, section.blocks),
            (&mut self.allow, section.allow),
            (&mut self.offloads, section.offloads),
        ];
        for (paths, written) in all {
            paths.extend(written.iter().map(|path| Path::written(path)));
        }
    }
}
