//! What can be chosen, as the file that ships with the page: its workers know no more than what they need for their own runs.

use std::path::PathBuf;

use anyhow::Context as _;
use protocol::Catalogue;
use serde_json::Value;

use crate::run;

/// Where the file goes, and whose findings are in it.
#[derive(clap::Args)]
pub struct CatalogueArguments {
    /// The file.
    #[arg(long, default_value = "public/catalogue.json")]
    out: PathBuf,
    /// The report of the claims.
    #[arg(long, default_value = "docs/claims.json")]
    claims: PathBuf,
}

/// Writes the catalogue with what the claims report found.
pub fn catalogue(arguments: &CatalogueArguments) -> anyhow::Result<()> {
    let path = &arguments.claims;
    let claims = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text(&claims).with_context(|| format!("{} is no report of this version", path.display()))?;
    run::write(&arguments.out, text.as_bytes())?;
    println!("{:>9} bytes  {}", text.len(), arguments.out.display());
    Ok(())
}

/// The file: JSON with a line for each entry, so that what changed is seen line by line.
fn text(claims: &str) -> anyhow::Result<String> {
    let catalogue = Catalogue { claims: serde_json::from_str(claims)?, ..lab::catalogue() };
    let Value::Object(lists) = serde_json::to_value(&catalogue)? else { anyhow::bail!("the catalogue has no fields") };
    let lists = lists.iter().map(|(name, entries)| {
        let lines = match entries {
            Value::Array(entries) => format!("[\n{}\n]", lines(entries)),
            other => other.to_string(),
        };
        format!("\"{name}\":{lines}")
    });
    Ok(format!("{{\n{}\n}}\n", lists.collect::<Vec<_>>().join(",\n")))
}

fn lines(entries: &[Value]) -> String {
    entries.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;

    fn file(path: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
    }

    #[test]
    fn the_page_ships_with_the_catalogue_of_this_version() {
        assert!(
            file("public/catalogue.json") == text(&file("docs/claims.json")).unwrap(),
            "`cargo xtask catalogue` makes it anew"
        );
    }

    #[test]
    fn what_is_written_is_read_as_the_lab_says_it() {
        let claims = file("docs/claims.json");
        let catalogue: Catalogue = serde_json::from_str(&text(&claims).unwrap()).unwrap();
        let expected = Catalogue { claims: serde_json::from_str(&claims).unwrap(), ..lab::catalogue() };
        assert_eq!(catalogue, expected);
        assert!(catalogue.methods.iter().all(|card| !card.summary.is_empty()), "with what people read");
        let wide: Vec<bool> = ["bct", "fisher"].iter().map(|id| catalogue.method(id).unwrap().wide).collect();
        assert_eq!(wide, [false, true]);
    }
}
