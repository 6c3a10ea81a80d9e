//! A small static server for `dist/`, bound to this machine only.
//!
//! WebGPU needs a secure context, which a page on 127.0.0.1 is and a `file:` page is not.

use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow, ensure};
use percent_encoding::percent_decode_str;
use tiny_http::{Header, Method, Request, Response, Server};

/// The browser opens several connections, and each keeps one thread busy while it reads.
const THREADS: usize = 4;

/// A server that runs until the program ends.
pub struct Running {
    /// The address to open, such as `http://127.0.0.1:8080/`.
    pub url: String,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Serves on until the program is ended.
    pub fn wait(self) {
        for thread in self.threads {
            thread.join().ok();
        }
    }
}

/// Starts to serve a folder; port 0 takes any free one.
///
/// # Errors
/// When there is nothing to serve or the port is taken.
pub fn start(dir: &Path, port: u16) -> Result<Running> {
    let index = dir.join("index.html");
    ensure!(index.is_file(), "there is no {}: run `cargo xtask build`", index.display());
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| anyhow!("port {port} cannot be used: {error}; take another with --port"))?;
    let address = server.server_addr().to_ip().context("the server has no network address")?;
    let server = Arc::new(server);
    let threads = (0..THREADS)
        .map(|_| {
            let (server, dir) = (Arc::clone(&server), dir.to_path_buf());
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A failed answer means that the browser has gone away.
                    answer(request, &dir).ok();
                }
            })
        })
        .collect();
    Ok(Running { url: format!("http://{address}/"), threads })
}

fn answer(request: Request, dir: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::from_string("only GET and HEAD").with_status_code(405));
    }
    let found = file_for(dir, request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
    let Some((file, path)) = found else {
        return request.respond(Response::from_string("not found").with_status_code(404));
    };
    let mut response = Response::from_file(file);
    for (name, value) in [
        ("Content-Type", content_type(&path).as_str()),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    request.respond(response)
}

/// The file that a request's path names; `None` for anything outside of the folder or not there.
fn file_for(dir: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let relative = Path::new(path.trim_start_matches('/'));
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = dir.join(relative);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    file.is_file().then_some(file)
}

/// The MIME type by file name. Browsers compile WebAssembly while it streams in only under its own type.
fn content_type(path: &Path) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let text = guess.type_() == "text" || guess.subtype() == "json" || guess.subtype() == "javascript";
    if text { format!("{guess}; charset=utf-8") } else { guess.to_string() }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("upgrade-lab-serve-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("data")).unwrap();
        fs::write(dir.join("index.html"), "<!doctype html>").unwrap();
        fs::write(dir.join("data/a b.bin"), [0, 1, 2]).unwrap();
        fs::write(dir.join("app_bg.wasm"), b"\0asm").unwrap();
        dir
    }

    #[test]
    fn types_are_what_browsers_ask_for() {
        for (file, expected) in [
            ("app_bg.wasm", "application/wasm"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("index.html", "text/html; charset=utf-8"),
            ("main.css", "text/css; charset=utf-8"),
            ("manifest.json", "application/json; charset=utf-8"),
            ("sheet.png", "image/png"),
            ("icon.svg", "image/svg+xml"),
            ("weights.safetensors", "application/octet-stream"),
        ] {
            assert_eq!(content_type(Path::new(file)), expected, "{file}");
        }
    }

    #[test]
    fn paths_stay_in_the_folder() {
        let dir = folder("paths");
        assert_eq!(file_for(&dir, "/"), Some(dir.join("index.html")));
        assert_eq!(file_for(&dir, "/?tour=1"), Some(dir.join("index.html")));
        assert_eq!(file_for(&dir, "/data/a%20b.bin"), Some(dir.join("data/a b.bin")));
        for outside in ["/../etc/passwd", "/%2e%2e/etc/passwd", "/data/../../x", "//etc/passwd", "/nothing", "/data"] {
            assert_eq!(file_for(&dir, outside), None, "{outside}");
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn answers_over_the_network() {
        let dir = folder("network");
        let running = start(&dir, 0).unwrap();
        let host = running.url.trim_start_matches("http://").trim_end_matches('/');
        let ask = |line: &str| {
            let mut stream = TcpStream::connect(host).unwrap();
            write!(stream, "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        };
        let wasm = ask("GET /app_bg.wasm");
        assert!(wasm.starts_with("HTTP/1.1 200") && wasm.ends_with("\0asm"), "{wasm}");
        assert!(
            wasm.contains("Content-Type: application/wasm\r\n") && wasm.contains("Cache-Control: no-store\r\n"),
            "{wasm}"
        );
        assert!(ask("GET /nothing").starts_with("HTTP/1.1 404"));
        assert!(ask("POST /").starts_with("HTTP/1.1 405"));
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_empty_folder_says_what_to_do() {
        let error = start(Path::new("/nowhere"), 0).err().unwrap();
        assert!(error.to_string().contains("cargo xtask build"));
    }
}
