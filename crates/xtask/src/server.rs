//! A static file server for this machine alone: what the page must run on is no more than this.

use std::fs;
use std::io::Cursor;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

/// Ports tried when none is asked for.
const PORTS: std::ops::Range<u16> = 8080..8100;

/// How many requests are answered at the same time.
const THREADS: usize = 4;

/// A folder served under a path of `http://127.0.0.1`, until dropped.
pub struct PageServer {
    server: Arc<Server>,
    threads: Vec<JoinHandle<()>>,
    url: String,
}

impl PageServer {
    /// Serves `folder` under `base` (such as `/` or `/some/sub/path/`); everything outside it is 404. Port 0 takes
    /// any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(folder: &Path, base: &str, port: u16) -> Result<PageServer> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let server = Server::http(address).map_err(|error| anyhow!("cannot serve on {address}: {error}"))?;
        let server = Arc::new(server);
        let address = server.server_addr().to_ip().context("the server has no address")?;
        let site = Arc::new(Site { folder: folder.to_owned(), base: base.to_owned() });
        let threads = (0..THREADS).map(|_| {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    site.answer(request);
                }
            })
        });
        Ok(PageServer { threads: threads.collect(), server, url: format!("http://{address}{base}") })
    }

    /// The address of the page.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so on standard error.
            let _ = thread.join();
        }
    }
}

/// Serves the built page and says where, until the program is stopped.
pub(crate) fn serve_until_stopped(folder: &Path, port: Option<u16>) -> Result<()> {
    let server = match port {
        Some(port) => PageServer::start(folder, "/", port)?,
        None => PORTS.clone().find_map(|port| PageServer::start(folder, "/", port).ok()).with_context(|| {
            format!("every port from {} to {} is taken: give one with --port", PORTS.start, PORTS.end - 1)
        })?,
    };
    println!("\nThe page is at {} (Ctrl+C stops)", server.url());
    loop {
        thread::park();
    }
}

struct Site {
    folder: PathBuf,
    base: String,
}

impl Site {
    fn answer(&self, request: Request) {
        let response = match (request.method(), self.file(request.url())) {
            (Method::Get | Method::Head, Some(file)) => match fs::read(&file) {
                Ok(content) => content_response(content, content_type(&file)),
                Err(_) => text_response(404, "not found\n"),
            },
            (Method::Get | Method::Head, None) => text_response(404, "not found\n"),
            _ => text_response(405, "only GET and HEAD\n"),
        };
        // The visitor may have gone: nobody is left to tell.
        let _ = request.respond(response);
    }

    /// The file that an address asks for; none for addresses outside the site.
    fn file(&self, url: &str) -> Option<PathBuf> {
        let path = url.split(['?', '#']).next()?.strip_prefix(&self.base)?;
        let path = if path.is_empty() { "index.html" } else { path };
        // Our names are plain: whatever is escaped, hidden or climbs is not ours.
        let is_plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        path.split('/').all(is_plain).then(|| self.folder.join(path))
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn content_response(content: Vec<u8>, content_type: &str) -> Response<Cursor<Vec<u8>>> {
    let headers =
        [("Content-Type", content_type), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache")];
    headers.iter().fold(Response::from_data(content), |response, (name, value)| {
        match Header::from_bytes(name.as_bytes(), value.as_bytes()) {
            Ok(header) => response.with_header(header),
            Err(()) => response,
        }
    })
}

fn text_response(status: u16, text: &str) -> Response<Cursor<Vec<u8>>> {
    content_response(text.as_bytes().to_vec(), "text/plain; charset=utf-8").with_status_code(status)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(server: &PageServer, path: &str) -> String {
        let address = server.url().trim_start_matches("http://").split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_under_the_base_are_served_with_their_types_and_nothing_else_is() {
        let folder = std::env::temp_dir().join(format!("exfil-xtask-server-{}", std::process::id()));
        fs::create_dir_all(folder.join("site")).unwrap();
        fs::write(folder.join("secret.html"), "secret").unwrap();
        fs::write(folder.join("site/index.html"), "front").unwrap();
        fs::write(folder.join("site/app.wasm"), "wasm").unwrap();
        let server = PageServer::start(&folder.join("site"), "/some/sub/", 0).unwrap();
        for (path, status, part) in [
            ("/some/sub/", "200", "\r\n\r\nfront"),
            ("/some/sub/?lesson=1", "200", "text/html"),
            ("/some/sub/app.wasm", "200", "application/wasm"),
            ("/some/sub/absent.wasm", "404", ""),
            ("/", "404", ""),
            ("/app.wasm", "404", ""),
            ("/some/sub/../secret.html", "404", ""),
            ("/some/sub/%2e%2e/secret.html", "404", ""),
            ("/some/sub//etc/passwd", "404", ""),
        ] {
            let answer = get(&server, path);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(part), "{path}: {answer}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
