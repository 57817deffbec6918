//! A server of a company on the first processor, and who is signed in to it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use regex::Regex;

use super::http::{Answer, ask, form_value};
use crate::bench::measure::kib;

/// A page of `browser/pages.json`.
#[derive(Clone)]
pub struct Page {
    /// Its address.
    pub path: String,
    /// Role of who opens it; nobody where none.
    pub role: Option<String>,
}

/// The pages the browser opens too.
pub fn pages(json: &str) -> Result<Vec<Page>, String> {
    let line = Regex::new(r#"\{\s*"path":\s*"([^"]+)",\s*"as":\s*(?:"([^"]+)"|null)\s*\}"#)
        .map_err(|error| error.to_string())?;
    let pages: Vec<Page> = line
        .captures_iter(json)
        .filter_map(|found| {
            Some(Page {
                path: found.get(1)?.as_str().to_owned(),
                role: found.get(2).map(|role| role.as_str().to_owned()),
            })
        })
        .collect();
    if pages.len() == json.matches("\"path\"").count() && !pages.is_empty() {
        Ok(pages)
    } else {
        Err("browser/pages.json is not a list of `path` and `as`".to_owned())
    }
}

/// A server that runs, and ends when this is dropped.
pub struct Server {
    child: Child,
    to: SocketAddr,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Server {
    /// Starts a server over a demo's folder.
    pub fn start(product: &Path, demo: &Path) -> Result<Self, String> {
        let mut serve = Command::new("taskset");
        serve.args(["-c", "0"]).arg(product);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--demo"]);
        let mut child = serve
            .arg(demo)
            .env("TICKMARK_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the server could not start: {error}"))?;
        let mut first = String::new();
        let out = child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(out)
            .read_line(&mut first)
            .map_err(|error| error.to_string())?;
        let to = first.trim().rsplit('/').next().unwrap_or_default().parse();
        match to {
            Ok(to) => Ok(Self {
                child,
                to,
                cookies: RefCell::default(),
            }),
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("the server began with `{}`", first.trim()))
            }
        }
    }

    /// The address of a page.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.to)
    }

    /// Asks for a page as it would be sent to a browser.
    pub fn get(&self, path: &str, cookie: &str) -> Result<Answer, String> {
        let head = [
            ("accept", "text/html"),
            ("accept-encoding", "gzip"),
            ("cookie", cookie),
        ];
        ask(self.to, "GET", path, &head, "")
    }

    /// Asks for a page as it is before it is compressed.
    pub fn get_plain(&self, path: &str, cookie: &str) -> Result<Answer, String> {
        ask(self.to, "GET", path, &[("cookie", cookie)], "")
    }

    /// Sends a form.
    pub fn post(
        &self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", form_value(value)))
            .collect();
        let head = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookie),
        ];
        ask(self.to, "POST", path, &head, &fields.join("&"))
    }

    /// Signs in by the demo's one click; the cookie, the same one each time.
    pub fn sign_in(&self, role: &str) -> Result<String, String> {
        let known = self.cookies.borrow().get(role).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let answer = self.post("/sign-in/demo", "", &[("role", role), ("to", "/")])?;
        let set = answer.header("set-cookie").unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        if answer.status != 303 || cookie.is_empty() {
            return Err(format!("signing in as {role} answered {}", answer.status));
        }
        let kept = (role.to_owned(), cookie.clone());
        self.cookies.borrow_mut().extend([kept]);
        Ok(cookie)
    }

    /// The cookie of who opens a page.
    pub fn cookie_of(&self, page: &Page) -> Result<String, String> {
        match &page.role {
            Some(role) => self.sign_in(role),
            None => Ok(String::new()),
        }
    }

    /// Time of the processor that the server has used, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64, String> {
        let tasks = format!("/proc/{}/task", self.child.id());
        let tasks = std::fs::read_dir(&tasks).map_err(|error| format!("{tasks}: {error}"))?;
        let nanoseconds = tasks.flatten().filter_map(|task| {
            let told = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            told.split(' ').next()?.parse::<f64>().ok()
        });
        Ok(nanoseconds.sum::<f64>() / 1e9)
    }

    /// A line of the process's status, in KiB.
    pub fn kib(&self, name: &str) -> Result<f64, String> {
        let status = format!("/proc/{}/status", self.child.id());
        kib(&status, name).ok_or_else(|| format!("`{status}` has no `{name}`"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It was asked for nothing that it must finish.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn every_page_is_read_or_none() {
        let read = pages(r#"[ { "path": "/", "as": "owner" }, { "path": "/x", "as": null } ]"#);
        let read = read.unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|it| (it.path.as_str(), it.role.as_deref()))
            .collect();
        assert_eq!(read, [("/", Some("owner")), ("/x", None)]);
        assert!(pages(r#"[ { "path": "/", "role": "owner" } ]"#).is_err());
        assert!(pages("[]").is_err());
    }
}
