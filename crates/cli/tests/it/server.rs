//! `tickmark serve` as a process of its own, and a small client.
//!
//! Nothing waits for a time to pass: a test waits for a line the server writes,
//! or for its answer, and gives up after a minute.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::tell::command;
use crate::world::World;

/// How long anything may take before a test gives up.
pub const LONGEST: Duration = Duration::from_secs(60);

/// Lines as a process writes them.
struct Lines {
    coming: Receiver<String>,
    seen: Vec<String>,
}

impl Lines {
    fn of(from: impl Read + Send + 'static) -> Self {
        let (send, coming) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            coming,
            seen: Vec::new(),
        }
    }

    /// The first line, written before or from now on, that holds `wanted`.
    #[track_caller]
    fn with(&mut self, wanted: &str) -> String {
        if let Some(line) = self.seen.iter().find(|line| line.contains(wanted)) {
            return line.clone();
        }
        loop {
            let Ok(line) = self.coming.recv_timeout(LONGEST) else {
                panic!("no line with `{wanted}`: {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.contains(wanted) {
                return line;
            }
        }
    }

    /// All there is once the process has closed its end.
    fn all(&mut self) -> String {
        while let Ok(line) = self.coming.recv_timeout(LONGEST) {
            self.seen.push(line);
        }
        self.seen.join("\n") + "\n"
    }
}

/// A server that runs.
pub struct Server {
    child: Child,
    out: Lines,
    log: Lines,
    client: Client,
}

/// Who asks a server.
#[derive(Clone, Copy)]
pub struct Client {
    pub address: SocketAddr,
}

impl std::ops::Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// How a server ended.
pub struct Ended {
    pub code: Option<i32>,
    pub log: String,
}

impl Server {
    /// Serves a workspace of `world` on a free port.
    pub fn start(world: &World, workspace: &str, environment: &[(&str, &str)]) -> Self {
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--workspace",
            workspace,
            "--keys",
            "keys",
        ];
        Self::start_as(world, &arguments, environment)
    }

    /// Serves by a command line of its own.
    pub fn start_as(world: &World, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut serve = command();
        let mut child = serve
            .current_dir(world.folder())
            .envs(environment.iter().copied())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = Lines::of(child.stdout.take().unwrap());
        let log = Lines::of(child.stderr.take().unwrap());
        let serving = out.with("serving ");
        // Behind a proxy it is the proxy's address, which nobody asks here.
        let (_, address) = serving.split_once("://").unwrap();
        let address = address
            .parse()
            .unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
        Self {
            child,
            out,
            log,
            client: Client { address },
        }
    }

    /// The secret of the link with which the first owner sets it up.
    pub fn set_up_secret(&mut self) -> String {
        let line = self.out.with("/invitation/");
        line.rsplit('/').next().unwrap().to_owned()
    }

    /// Sets up an owner and returns their cookie.
    pub fn set_up(&mut self, email: &str, password: &str) -> String {
        let path = format!("/invitation/{}", self.set_up_secret());
        let form = format!("name=Ada&email={email}&password={password}");
        let told = self.post(&path, "", &form);
        assert_eq!(told.status, 303, "{}", told.body);
        told.cookie()
    }

    /// Waits for a line of the log.
    #[track_caller]
    pub fn logs(&mut self, wanted: &str) -> String {
        self.log.with(wanted)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has ended.
    pub fn ended(mut self) -> Ended {
        let log = self.log.all();
        Ended {
            code: self.child.wait().unwrap().code(),
            log,
        }
    }

    /// Tells it to end and waits.
    pub fn end(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended()
    }
}

impl Client {
    /// Signs in.
    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        let form = format!("email={email}&password={password}");
        self.post("/sign-in", "", &form)
    }

    pub fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, &[("cookie", cookie)], "")
    }

    pub fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send("POST", path, &[("cookie", cookie), kind], form)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let request = request(method, path, headers, body.len()) + body;
        exchange(self.connect(), &request)
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.address).unwrap()
    }
}

impl Drop for Server {
    /// A test that fails leaves no server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that waits a minute at most.
pub fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, LONGEST)?;
    stream.set_read_timeout(Some(LONGEST))?;
    stream.set_write_timeout(Some(LONGEST))?;
    Ok(stream)
}

/// The head of a request after whose answer the connection is closed.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + &format!("content-length: {length}\r\n\r\n")
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The cookie it gives.
    pub fn cookie(&self) -> String {
        let cookie = self.header("set-cookie").split(';').next().unwrap();
        assert!(cookie.contains('='), "no cookie: {}", self.body);
        cookie.to_owned()
    }
}

/// Sends a request and reads the answer.
pub fn exchange(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    stream.flush().unwrap();
    answer(stream)
}

/// Reads an answer until the connection is closed.
pub fn answer(mut stream: impl Read) -> Answer {
    let mut bytes = Vec::new();
    // A peer that closes without a farewell has said everything all the same.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    Answer {
        status: status.parse().unwrap(),
        headers: lines.map(header).collect(),
        body: body.to_owned(),
    }
}

/// Field and file of a form as a browser sends it, and its type.
pub fn document(title: &str, bytes: &str) -> (&'static str, String) {
    let mut body = String::new();
    for (key, value) in [
        ("title", title),
        ("dated", "2026-06-01"),
        ("controls", "TM-001"),
    ] {
        body +=
            &format!("--B\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{title}.txt\"\r\n\r\n{bytes}\r\n--B--\r\n"
    );
    ("multipart/form-data; boundary=B", body)
}
