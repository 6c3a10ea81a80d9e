//! Datasets of a person's own images or embeddings: made here as in the page, byte for byte.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use data::Manifest;
use import::{NamedFile, import};

use crate::method;

/// What to make a dataset of, and where it goes.
#[derive(clap::Args)]
pub struct ImportArguments {
    /// A zip with a folder of images for each class, such a folder itself, images with a CSV file of their names and labels, CSV
    /// files of pixels with a label, IDX or CIFAR files, .npy or .npz arrays of images with labels; or embeddings of an old and a
    /// new model with their labels, as .npy, .npz or .safetensors.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder of datasets that it is put into; made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// The id of a method, as `methods` lists them, for the command that is printed.
    #[arg(long)]
    method: Option<String>,
}

/// Makes the dataset and adds it to the manifest of the folder.
pub fn bring(arguments: &ImportArguments) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for path in &arguments.files {
        read(path, &name(path), &mut files)?;
    }
    let found = import(files)?;
    let about = found.manifest.info()?;
    // Before anything is written, since it can be refused.
    let preset = method::preset_for(&about, arguments.method.as_deref())?;
    for file in &found.files {
        let path = arguments.out.join(&file.path);
        let folder = path.parent().unwrap_or(&arguments.out);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        std::fs::write(&path, &file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let path = arguments.out.join("manifest.json");
    let mut manifest = match std::fs::read(&path) {
        Ok(text) => Manifest::parse(&text)?,
        Err(_) => Manifest { version: Manifest::VERSION, datasets: Vec::new() },
    };
    manifest.datasets.retain(|it| it.id != found.manifest.id);
    manifest.datasets.push(found.manifest);
    std::fs::write(&path, serde_json::to_string_pretty(&manifest)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    for notice in found.notices {
        println!("{notice}");
    }
    println!("{}: {}", about.name, about.in_words());
    if let Some(preset) = preset {
        let out = arguments.out.join(format!("{}-run", about.id));
        let method = arguments.method.as_ref().map_or(String::new(), |id| format!(" --method {}", quoted(id)));
        println!(
            "Run it: upgrade-lab run --preset {preset}{method} --data {} --dataset {} --out {}",
            quoted(&arguments.out.to_string_lossy()),
            about.id,
            quoted(&out.to_string_lossy())
        );
    }
    Ok(())
}

/// A word of a command as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain =
        |letter: char| letter.is_alphanumeric() || "/:._-+,@%".contains(letter) || (cfg!(windows) && letter == '\\');
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A file, or all files of a folder by their paths within it.
fn read(path: &Path, name: &str, files: &mut Vec<NamedFile>) -> anyhow::Result<()> {
    let failed = || format!("cannot read {}", path.display());
    if !path.is_dir() {
        let bytes = std::fs::read(path).with_context(failed)?;
        files.push(NamedFile { path: name.to_owned(), bytes });
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).with_context(failed)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    entries.sort();
    if entries.is_empty() {
        bail!("{} is empty", path.display());
    }
    entries.iter().try_for_each(|entry| read(entry, &format!("{name}/{}", self::name(entry)), files))
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
