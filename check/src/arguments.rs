//! The command line.

use std::path::PathBuf;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};

use crate::error::{Error, Result};

pub(crate) const HELP: &str = "\
Finds calls that block their thread and are reached from async code

Usage: cargo bridgehead check [OPTIONS]

Options:
  -p, --package <NAME>          Look only at async code of this package (more than once: of these)
      --workspace               Look at every package, which is the default
  -F, --features <FEATURES>     Features to activate, separated by commas or spaces
      --all-features            Activate all features
      --no-default-features     Don't activate the `default` features
      --manifest-path <PATH>    The Cargo.toml of the package or workspace
      --all-targets             Also look at tests, benchmarks and examples
      --may-block               Also report what may block for a short time: files, a std mutex
      --write-baseline <FILE>   Write the findings to a file instead of reporting them
      --baseline <FILE>         Report only what isn't in that file
      --message-format <FORMAT> human (default), json (one compiler message of cargo's a line), sarif
      --color <WHEN>            auto (default), always, never
  -h, --help                    Print this help
  -V, --version                 Print the version

The exit status is 0 without findings, 1 with findings, and 2 if the command can't do its work.
What may block for a short time doesn't count.

A comment on the line of a call or of a function, or on the lines before it, allows it:
    // bridgehead: allow blocking, REASON

In Cargo.toml, paths of functions change what is reported:
    [package.metadata.bridgehead]
    blocks = [\"legacy::Client::fetch\"]     # also block their thread
    allow = [\"std::thread::park\"]          # are not reported, nor what they call
    offloads = [\"pool::Pool::execute\"]     # run their closure on a thread that may block
";

/// The parsed command line.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) asks: Asks,
    pub(crate) packages: Vec<String>,
    pub(crate) features: Features,
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) all_targets: bool,
    pub(crate) may_block: bool,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) write_baseline: Option<PathBuf>,
    pub(crate) format: Format,
    pub(crate) color: Option<bool>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) enum Asks {
    #[default]
    Check,
    Help,
    Version,
}

#[derive(Debug, Default)]
pub(crate) struct Features {
    pub(crate) names: Vec<String>,
    pub(crate) all: bool,
    pub(crate) no_default: bool,
}

#[derive(Debug, Default, PartialEq, Clone, Copy)]
pub(crate) enum Format {
    #[default]
    Human,
    Json,
    Sarif,
}

impl Arguments {
    pub(crate) fn read() -> Result<Self> {
        Self::parse(lexopt::Parser::from_env()).map_err(|error| {
            Error::new(error.to_string()).with_help("see `cargo bridgehead check --help`")
        })
    }

    fn parse(mut parser: lexopt::Parser) -> std::result::Result<Self, lexopt::Error> {
        let mut arguments = Self::default();
        let mut words = Vec::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Short('p') | Long("package") => arguments.packages.push(parser.value()?.string()?),
                Short('F') | Long("features") => {
                    let names = parser.value()?.string()?;
                    let names =
                        names.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned);
                    arguments.features.names.extend(names);
                }
                Long("workspace") => {}
                Long("all-features") => arguments.features.all = true,
                Long("no-default-features") => arguments.features.no_default = true,
                Long("manifest-path") => arguments.manifest_path = Some(parser.value()?.into()),
                Long("all-targets") => arguments.all_targets = true,
                Long("baseline") => arguments.baseline = Some(parser.value()?.into()),
                Long("write-baseline") => arguments.write_baseline = Some(parser.value()?.into()),
                Long("may-block") => arguments.may_block = true,
                Long("message-format") => arguments.format = parser.value()?.parse_with(format)?,
                Long("color") => arguments.color = parser.value()?.parse_with(color)?,
                Short('h') | Long("help") => arguments.asks = Asks::Help,
                Short('V') | Long("version") => arguments.asks = Asks::Version,
                Value(word) => words.push(word.string()?),
                _ => return Err(argument.unexpected()),
            }
        }
        // cargo passes a subcommand's own name before its arguments.
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["check"] | ["bridgehead", "check"] => {}
            [] | ["bridgehead"] if arguments.asks != Asks::Check => {}
            [] | ["bridgehead"] => arguments.asks = Asks::Help,
            ["bridgehead", other, ..] | [other, ..] => {
                return Err(format!("no such command: `{other}`").into());
            }
        }
        if arguments.write_baseline.is_some() && !arguments.packages.is_empty() {
            return Err(
                "`--write-baseline` is for the whole workspace; leave out `--package`".into()
            );
        }
        Ok(arguments)
    }
}

fn format(word: &str) -> std::result::Result<Format, String> {
    match word {
        "human" => Ok(Format::Human),
        "json" => Ok(Format::Json),
        "sarif" => Ok(Format::Sarif),
        _ => Err("expected `human`, `json` or `sarif`".to_owned()),
    }
}

fn color(word: &str) -> std::result::Result<Option<bool>, String> {
    match word {
        "auto" => Ok(None),
        "always" => Ok(Some(true)),
        "never" => Ok(Some(false)),
        _ => Err("expected `auto`, `always` or `never`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Asks};

    fn parse(words: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(lexopt::Parser::from_args(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn as_cargo_gives_them_and_directly() {
        for words in [
            &["bridgehead", "check", "-p", "a", "-F", "x,y z"][..],
            &["check", "-pa", "--features=x,y", "-Fz"],
        ] {
            let arguments = parse(words).unwrap();
            assert_eq!(arguments.asks, Asks::Check);
            assert_eq!(arguments.packages, ["a"]);
            assert_eq!(arguments.features.names, ["x", "y", "z"]);
        }
    }

    #[test]
    fn without_a_command_is_help() {
        assert_eq!(parse(&["bridgehead"]).unwrap().asks, Asks::Help);
        assert_eq!(parse(&["bridgehead", "--version"]).unwrap().asks, Asks::Version);
    }

    #[test]
    fn faults_are_errors() {
        assert_eq!(parse(&["bridgehead", "chek"]).unwrap_err(), "no such command: `chek`");
        let of_one = ["check", "-p", "a", "--write-baseline", "b.json"];
        let message = "`--write-baseline` is for the whole workspace; leave out `--package`";
        assert_eq!(parse(&of_one).unwrap_err(), message);
        assert_eq!(parse(&["check", "--fast"]).unwrap_err(), "invalid option '--fast'");
    }
}
