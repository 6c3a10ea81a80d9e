//! A small static server for `dist/`, bound to this machine only.
//!
//! WebGPU needs a secure context, which a page on 127.0.0.1 is and a `file:` page is not.

use std::fs;
use std::future::ready;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::routing::get;
use protocol::GpuProgram;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::dist::Build;
use crate::process::{run, run_behind};
use crate::setup::StdSource;

/// Builds the page and serves it as soon as it is there, while the program with the WebGPU engine is still compiled.
pub fn serve(workspace: &Path, port: u16, cpu_only: bool, source: StdSource) -> Result<()> {
    // First of all, since a port that is taken should not be found out after minutes.
    let listener = bind(port)?;
    let mut build = Build::first(workspace, cpu_only, source, run)?;
    let gpu = Gpu::default();
    if !cpu_only {
        gpu.say(Some(GpuProgram::Compiling));
    }
    let running = start_saying(&build.dist, listener, gpu.clone())?;
    println!("{}", running.url);
    if !cpu_only {
        eprintln!("serve: the page works by now, on the CPU engine; the WebGPU engine is compiled meanwhile");
        match build.second(|trunk| run_behind(trunk)) {
            Ok(()) => {
                gpu.say(None);
                eprintln!("serve: the WebGPU engine is there, too: pages take it up by themselves");
            }
            Err(error) => {
                gpu.say(Some(GpuProgram::Failed));
                eprintln!(
                    "serve: the page goes on with the CPU engine, since the WebGPU engine is not to be had: {error:#}"
                );
            }
        }
    }
    running.wait()
}

/// Serves a folder as it is, until the program is ended.
pub fn serve_as_it_is(dir: &Path, port: u16) -> Result<()> {
    let running = start(dir, port)?;
    println!("{}", running.url);
    running.wait()
}

/// How far the program with the WebGPU engine is, as long as that is not what the folder says. So the folder itself never says that
/// something is compiled which nobody compiles any more.
#[derive(Clone, Default)]
struct Gpu(Arc<Mutex<Option<GpuProgram>>>);

impl Gpu {
    fn say(&self, program: Option<GpuProgram>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = program;
    }

    /// What is answered for the file. Other than what a folder holds it has a status that keeps it from being kept by the page.
    fn answer(&self, dir: &Path) -> (StatusCode, String) {
        if let Some(program) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            return (StatusCode::NON_AUTHORITATIVE_INFORMATION, program.word().to_owned());
        }
        match fs::read_to_string(dir.join(GpuProgram::FILE)) {
            Ok(text) => (StatusCode::OK, text),
            Err(error) => (StatusCode::NOT_FOUND, error.to_string()),
        }
    }
}

/// A server that runs until the program ends.
pub struct Running {
    /// The address to open, such as `http://127.0.0.1:8080/`.
    pub url: String,
    thread: JoinHandle<()>,
}

impl Running {
    /// Serves on until the program is ended.
    ///
    /// # Errors
    /// When the server ends before, which it has said itself.
    pub fn wait(self) -> Result<()> {
        self.thread.join().ok();
        bail!("nothing is served any more; why stands above")
    }
}

/// Starts to serve a folder; port 0 takes any free one.
///
/// # Errors
/// When there is nothing to serve or the port is taken.
pub fn start(dir: &Path, port: u16) -> Result<Running> {
    start_saying(dir, bind(port)?, Gpu::default())
}

fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} cannot be used; take another with --port"))
}

fn start_saying(dir: &Path, listener: TcpListener, gpu: Gpu) -> Result<Running> {
    let index = dir.join("index.html");
    ensure!(index.is_file(), "there is no {}: run `cargo xtask build`", index.display());
    listener.set_nonblocking(true)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let router = router(dir, gpu);
    let thread = thread::spawn(move || {
        let served =
            runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener)?, router).await });
        if let Err(error) = served {
            eprintln!("serve: stopped: {error}");
        }
    });
    Ok(Running { url, thread })
}

/// The folder's files, never kept by the browser: worker files have the same name in every build.
fn router(dir: &Path, gpu: Gpu) -> Router {
    let always = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let folder = dir.to_path_buf();
    Router::new()
        .route(&format!("/{}", GpuProgram::FILE), get(move || ready(gpu.answer(&folder))))
        .fallback_service(ServeDir::new(dir))
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::path::PathBuf;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("upgrade-lab-serve-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("data")).unwrap();
        fs::write(dir.join("index.html"), "<!doctype html>").unwrap();
        fs::write(dir.join("data/a b.bin"), [0, 1, 2]).unwrap();
        fs::write(dir.join("app_bg.wasm"), b"\0asm").unwrap();
        fs::write(dir.join("boot.js"), b"").unwrap();
        dir
    }

    fn ask(url: &str, line: &str) -> String {
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).to_lowercase()
    }

    #[test]
    fn answers_over_the_network() {
        let dir = folder("network");
        let running = start(&dir, 0).unwrap();
        let wasm = ask(&running.url, "GET /app_bg.wasm");
        assert!(wasm.starts_with("http/1.1 200") && wasm.ends_with("\0asm"), "{wasm}");
        for header in ["content-type: application/wasm\r\n", "cache-control: no-store\r\n", "nosniff"] {
            assert!(wasm.contains(header), "{wasm}");
        }
        assert!(ask(&running.url, "GET /").contains("<!doctype html>"));
        assert!(ask(&running.url, "GET /boot.js").contains("content-type: text/javascript"));
        assert!(ask(&running.url, "GET /data/a%20b.bin").starts_with("http/1.1 200"));
        assert!(ask(&running.url, "GET /nothing").starts_with("http/1.1 404"));
        assert!(ask(&running.url, "GET /../secret").starts_with("http/1.1 404"));
        assert!(ask(&running.url, "POST /").starts_with("http/1.1 405"));
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn says_what_is_compiled_where_the_folder_does_not() {
        let dir = folder("gpu");
        let gpu = Gpu::default();
        let running = start_saying(&dir, bind(0).unwrap(), gpu.clone()).unwrap();
        let asked = || ask(&running.url, &format!("GET /{}", GpuProgram::FILE));
        assert!(asked().starts_with("http/1.1 404"));
        let file = "absent\n";
        fs::write(dir.join(GpuProgram::FILE), file).unwrap();
        gpu.say(Some(GpuProgram::Compiling));
        let answer = asked();
        assert!(answer.starts_with("http/1.1 203") && answer.ends_with("\r\n\r\ncompiling"), "{answer}");
        gpu.say(None);
        let answer = asked();
        assert!(answer.starts_with("http/1.1 200") && answer.ends_with(&format!("\r\n\r\n{file}")), "{answer}");
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn many_idle_connections_do_not_keep_others_waiting() {
        let dir = folder("idle");
        let running = start(&dir, 0).unwrap();
        let host = running.url.trim_start_matches("http://").trim_end_matches('/');
        let idle: Vec<TcpStream> = (0..32).map(|_| TcpStream::connect(host).unwrap()).collect();
        assert!(ask(&running.url, "GET /").starts_with("http/1.1 200"));
        drop(idle);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_empty_folder_says_what_to_do() {
        let error = start(Path::new("/nowhere"), 0).err().unwrap();
        assert!(error.to_string().contains("cargo xtask build"));
    }
}
