//! Cutting the page's program into files that load when they are first shown.
//!
//! The cut lies between the compiler and wasm-bindgen, where Trunk has no hook. So Trunk gets this program in place of wasm-bindgen's:
//! [`bindgen`] cuts the page at the functions marked `wasm_split` and hands the rest on; [`place`] brings the pieces to `dist/`
//! under names that change with what is in them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_encoder::{Module, RawSection};
use wasm_split_cli_support::{Options, transform};
use wasmparser::Parser;

use crate::process::{command, run};

/// The name that Trunk runs wasm-bindgen by, and this program in its place.
pub const STAND_IN: &str = "wasm-bindgen";
/// Where the real wasm-bindgen is.
const REAL: &str = "UPGRADE_LAB_WASM_BINDGEN";
/// Where the pieces go.
const PIECES: &str = "UPGRADE_LAB_PIECES";
/// The program that is cut.
const PAGE: &str = "app.wasm";
/// The script that loads the pieces, as the page's own script calls it before [`place`] says its name.
const LOADER: &str = "./late.js";
/// The page's own script, as the loader calls it before.
const SCRIPT: &str = "./app.js";

/// Makes `trunk` find this program as wasm-bindgen, `real` behind it, and put the pieces into `pieces`.
pub fn stand_in(trunk: &mut Command, real: &Path, pieces: &Path) -> Result<()> {
    fs::remove_dir_all(pieces).ok();
    prefer(trunk, &std::env::current_exe()?, &pieces.join("bin"))?;
    trunk.env(REAL, real).env(PIECES, pieces);
    Ok(())
}

/// Makes `trunk` take this program for wasm-bindgen, by a link in this folder, which has nothing else that it could find.
pub fn prefer(trunk: &mut Command, program: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    symlink(std::path::absolute(program)?, folder.join(STAND_IN))?;
    let path = trunk.get_envs().find_map(|(name, value)| (name == "PATH").then_some(value?.to_owned()));
    let path = path.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path)))?;
    trunk.env("PATH", path);
    Ok(())
}

/// What Trunk runs in place of wasm-bindgen.
pub fn bindgen(arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let variable = |name| std::env::var_os(name).with_context(|| format!("{name} is not set: run `cargo xtask build`"));
    let (real, pieces) = (variable(REAL)?, PathBuf::from(variable(PIECES)?));
    let mut arguments: Vec<OsString> = arguments.collect();
    let page = arguments.iter_mut().find(|argument| Path::new(argument).file_name() == Some(OsStr::new(PAGE)));
    if let Some(page) = page {
        let whole = fs::read(&page).with_context(|| format!("{} cannot be read", page.display()))?;
        let rest = pieces.join(PAGE);
        let mut options = Options::new(&whole);
        (options.output_dir, options.main_out_path) = (&pieces, &rest);
        (options.link_name, options.main_module) = (LOADER, SCRIPT);
        transform(options).map_err(|error| anyhow!("the page cannot be cut into pieces: {error:#}"))?;
        *page = rest.into();
        // Names of functions had to stay until here.
        arguments.extend(["--keep-lld-exports", "--remove-name-section"].map(Into::into));
    }
    run(command(real).args(arguments))
}

/// What the names of the pieces begin with, once they are in place.
const PLACED: &str = "late-";

/// Names of the pieces in `dist`.
pub fn placed(dist: &Path) -> Result<Vec<String>> {
    Ok(files(dist)?.into_iter().filter(|name| name.starts_with(PLACED)).collect())
}

/// Brings the pieces to `dist`.
pub fn place(pieces: &Path, dist: &Path) -> Result<()> {
    let mut loader = fs::read_to_string(pieces.join(LOADER)).context("the page was not cut into pieces")?;
    for name in files(pieces)?.iter().filter(|name| name.ends_with(".wasm") && *name != PAGE) {
        let bytes = without_names(&fs::read(pieces.join(name))?)?;
        let placed = format!("{PLACED}{}-{:016x}.wasm", name.trim_end_matches(".wasm"), digest(&bytes));
        ensure!(loader.contains(name), "nothing loads {name}");
        loader = loader.replace(name, &placed);
        fs::write(dist.join(&placed), bytes)?;
    }
    let scripts = files(dist)?;
    let script = scripts.iter().find(|name| name.starts_with("app-") && name.ends_with(".js"));
    let script = script.context("Trunk left no script of the page")?;
    let loader = loader.replace(SCRIPT, &format!("./{script}"));
    let placed = format!("{PLACED}{:016x}.js", digest(loader.as_bytes()));
    let page = fs::read_to_string(dist.join(script))?;
    // The program itself knows the script by its first name.
    let import = format!("from \"{LOADER}\"");
    ensure!(page.contains(&import), "the page's script does not load its pieces");
    fs::write(dist.join(script), page.replace(&import, &format!("from \"./{placed}\"")))?;
    fs::write(dist.join(&placed), loader)?;
    Ok(())
}

/// A program without what a browser does not need of it.
fn without_names(program: &[u8]) -> Result<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let mut kept = Module::new();
    for part in Parser::new(0).parse_all(program) {
        if let Some((id, range)) = part?.as_section()
            && id != CUSTOM
        {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            kept.section(&RawSection { id, data: program.get(range).context("a section ends early")? });
        }
    }
    Ok(kept.finish())
}

/// Names of the files of a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn digest(bytes: &[u8]) -> u64 {
    let mut digest = DefaultHasher::new();
    bytes.hash(&mut digest);
    digest.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lose_their_names_and_nothing_else() {
        let mut program = b"\0asm\x01\0\0\0".to_vec();
        let types = [1, 4, 1, 0x60, 0, 0];
        program.extend([0, 5, 4, b'n', b'a', b'm', b'e']);
        program.extend(types);
        assert_eq!(without_names(&program).unwrap(), [b"\0asm\x01\0\0\0", &types[..]].concat());
        assert!(without_names(b"no program").is_err());
    }

    #[test]
    fn pieces_are_placed_under_names_that_change_with_them() {
        let root = std::env::temp_dir().join(format!("upgrade-lab-late-{}", std::process::id()));
        let (pieces, dist) = (root.join("pieces"), root.join("dist"));
        let pieces_of = |program: &[u8]| {
            fs::create_dir_all(&pieces).unwrap();
            fs::create_dir_all(&dist).unwrap();
            fs::write(pieces.join(PAGE), "").unwrap();
            fs::write(pieces.join("split_later.wasm"), [b"\0asm\x01\0\0\0", program].concat()).unwrap();
            fs::write(pieces.join(LOADER), "import \"./app.js\"; fetch(\"./split_later.wasm\")").unwrap();
            fs::write(dist.join("app-0123.js"), "import * as late from \"./late.js\"; ({ \"./late.js\": late })")
                .unwrap();
            place(&pieces, &dist).unwrap();
            let names = placed(&dist).unwrap();
            let [loader, piece] = &names[..] else { panic!("{names:?}") };
            let text = fs::read_to_string(dist.join(loader)).unwrap();
            assert_eq!(text, format!("import \"./app-0123.js\"; fetch(\"./{piece}\")"));
            assert_eq!(
                fs::read_to_string(dist.join("app-0123.js")).unwrap(),
                format!("import * as late from \"./{loader}\"; ({{ \"./late.js\": late }})")
            );
            fs::remove_dir_all(&root).unwrap();
            names
        };
        let (first, other) = (pieces_of(&[1, 1, 0]), pieces_of(&[3, 1, 0]));
        assert!(first.iter().all(|name| !other.contains(name)), "{first:?} {other:?}");
    }
}
