//! What the tests need beyond the build: a browser, Node with Playwright to drive it, Python with NumPy to read our files.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::root::apt_install;
use crate::process::{capture, command, run};
use crate::versions;

/// The oldest Node.js that runs the browser tests.
pub const OLDEST_NODE: &str = "20.10";
const NUMPY: &str = "numpy>=1.24,<3";
/// What an outsider's check of bridges takes beside NumPy.
const CHECKS: &str = "docs/requirements-check.txt";
/// Beside the Python environment: what was installed there of that.
const INSTALLED: &str = "checks.txt";
/// The program in a Python environment.
const PYTHON: &str = "bin/python3";

/// A browser that the tests drive.
pub struct Browser {
    /// Its name.
    pub name: &'static str,
    /// The variable that may say where it is.
    variable: &'static str,
    /// Debian's package.
    package: &'static str,
    /// Where it is else: Debian's name first, then those of other distributions and of its makers' own packages.
    places: &'static [&'static str],
}

/// What the tests and the benchmark run in.
pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    package: "chromium",
    places: &[
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/usr/bin/google-chrome-stable",
    ],
};

/// What the first run of a newcomer is tried in besides.
pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    package: "firefox-esr",
    places: &["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

impl Browser {
    /// Where it is, if it is there.
    pub fn find(&self) -> Option<PathBuf> {
        match self.named() {
            Some(named) => named.is_file().then_some(named),
            None => self.places.iter().map(PathBuf::from).find(|path| path.is_file()),
        }
    }

    /// Finds or installs it.
    ///
    /// # Errors
    /// Where the environment names one that is not there, or it cannot be installed: says what to do.
    pub fn get(&self) -> Result<PathBuf> {
        let (name, variable) = (self.name, self.variable);
        if let Some(named) = self.named().filter(|named| !named.is_file()) {
            bail!("{variable} names {}, which is not there: correct it or unset it", named.display());
        }
        if let Some(found) = self.find() {
            return Ok(found);
        }
        apt_install(&[self.package], "a browser for the end-to-end tests")?;
        self.find().with_context(|| format!("no {name} after its installation: set {variable} to the browser's path"))
    }

    /// Has a command's program drive this one, at this place.
    pub fn drive(&self, command: &mut Command, place: &Path) {
        command.env(self.variable, place);
    }

    fn named(&self) -> Option<PathBuf> {
        env::var_os(self.variable).map(PathBuf::from)
    }
}

/// The programs that the tests drive.
pub struct TestTools {
    /// Chromium or Chrome.
    pub chromium: PathBuf,
    /// A Python that imports NumPy; in the tests' environment as `PYTHON`.
    pub python: PathBuf,
    /// Whether it has what the check of bridges takes, which is then not to do without; in the tests' environment as `CHECK_ALL`.
    pub checks: bool,
}

impl TestTools {
    /// A command that is told where the programs are.
    pub fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        CHROMIUM.drive(&mut command, &self.chromium);
        // Whoever is told of Firefox drives that.
        command.env("PYTHON", &self.python).env_remove(FIREFOX.variable);
        if self.checks {
            command.env("CHECK_ALL", "1");
        }
        command
    }
}

/// Finds or installs the programs that the tests drive, with Firefox or without.
pub fn test_tools(workspace: &Path, cache: &Path, firefox: bool) -> Result<TestTools> {
    node()?;
    npm_packages(&workspace.join("tests/e2e"))?;
    let chromium = CHROMIUM.get()?;
    let checking = checking_python(workspace, cache);
    let checks = checking.is_some();
    let python = checking.map_or_else(|| python(cache), Ok)?;
    if firefox {
        FIREFOX.get()?;
    }
    eprintln!("setup: tests use {} and {}", chromium.display(), python.display());
    Ok(TestTools { chromium, python, checks })
}

/// Finds or installs the programs that the benchmark drives: those of the tests, whose helpers it shares, and the peers.
pub fn bench_tools(workspace: &Path, cache: &Path) -> Result<TestTools> {
    let tools = test_tools(workspace, cache, false)?;
    npm_packages(&workspace.join("benches"))?;
    Ok(tools)
}

fn node() -> Result<()> {
    let remedy = format!(
        "the end-to-end tests need Node.js {OLDEST_NODE} or newer with npm: install it (Debian: `apt-get install nodejs npm`)"
    );
    match versions::of("node") {
        None => bail!("node was not found; {remedy}"),
        Some(found) if !versions::at_least(&found, OLDEST_NODE) => bail!("node is {found}; {remedy}"),
        Some(_) if versions::of("npm").is_none() => bail!("npm was not found; {remedy}"),
        Some(_) => Ok(()),
    }
}

/// Whether what `package-lock.json` names has been installed since that changed.
///
/// # Errors
/// Where there is no such file: says what to do.
pub fn has_npm_packages(dir: &Path) -> Result<bool> {
    let changed = |file: &str| fs::metadata(dir.join(file)).and_then(|found| found.modified());
    let wanted = changed("package-lock.json")
        .with_context(|| format!("{0}/package-lock.json is missing: run `npm install` in {0}", dir.display()))?;
    // npm writes this file last.
    Ok(changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted))
}

/// Installs them where that is not so.
fn npm_packages(dir: &Path) -> Result<()> {
    if has_npm_packages(dir)? {
        return Ok(());
    }
    eprintln!("setup: npm ci in {}", dir.display());
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(dir);
    run(npm.stdout(std::io::stderr()))
}

/// A Python of our own in the cache with all that the check of bridges takes; none where that cannot be installed, or another one is asked for.
fn checking_python(workspace: &Path, cache: &Path) -> Option<PathBuf> {
    if env::var_os("PYTHON").is_some() {
        return None;
    }
    let (wanted, own) = (fs::read_to_string(workspace.join(CHECKS)).ok()?, cache.join("python"));
    let (program, installed) = (own.join(PYTHON), own.join(INSTALLED));
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) && program.exists() {
        return Some(program);
    }
    eprintln!(
        "setup: installing SciPy, scikit-learn, FAISS, ONNX Runtime and others into a Python environment in the cache, 122 MB"
    );
    let made = || -> Result<()> {
        run(command(named_python()).args(["-m", "venv", "--clear"]).arg(&own).stdout(std::io::stderr()))?;
        let mut pip = command(&program);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--retries",
            "1",
            "--only-binary",
            ":all:",
            "-r",
        ]);
        run(pip.arg(workspace.join(CHECKS)).stdout(std::io::stderr()))?;
        Ok(fs::write(&installed, &wanted)?)
    };
    match made() {
        Ok(()) => Some(program),
        Err(error) => {
            eprintln!(
                "setup: bridges are checked by NumPy alone, since not all of {CHECKS} can be installed ({error:#})"
            );
            None
        }
    }
}

/// A Python with NumPy: the user's own if it has it, else one of our own in the cache.
fn python(cache: &Path) -> Result<PathBuf> {
    if let Some(python) = numpy(cache) {
        return Ok(python);
    }
    let (named, own) = (named_python(), cache.join("python"));
    if capture(command(&named).arg("--version")).is_err() {
        bail!(
            "the loader test needs Python 3, and {} does not run: install it (Debian: `apt-get install python3-numpy`)",
            named.display()
        );
    }
    eprintln!("setup: installing NumPy into a Python environment in the cache");
    let remedy = "Python has no NumPy and none could be installed beside it: install it (Debian: `apt-get install python3-numpy`)";
    run(command(&named).args(["-m", "venv", "--clear"]).arg(&own).stdout(std::io::stderr())).context(remedy)?;
    let own_python = own.join(PYTHON);
    let mut pip = command(&own_python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NUMPY]);
    run(pip.stdout(std::io::stderr())).context(remedy)?;
    Ok(own_python)
}

/// A Python with NumPy that is there.
pub fn numpy(cache: &Path) -> Option<PathBuf> {
    let imports = |python: &PathBuf| capture(command(python).args(["-c", "import numpy"])).is_ok();
    [named_python(), cache.join("python").join(PYTHON)].into_iter().find(imports)
}

fn named_python() -> PathBuf {
    env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}
