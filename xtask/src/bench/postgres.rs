//! A PostgreSQL of our own: a temporary cluster on a socket in its folder, never
//! as root, stopped and removed whatever happens.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::measure::{self, Measured, kib};
use crate::run;

/// Memory and two workers, as much as the other engines have; nothing that
/// makes writing durable, since only reading is measured.
const SETTINGS: [&str; 12] = [
    "listen_addresses=",
    "shared_buffers=2GB",
    "work_mem=256MB",
    "maintenance_work_mem=1GB",
    "effective_cache_size=6GB",
    "random_page_cost=1.1",
    "max_parallel_workers_per_gather=2",
    "max_parallel_workers=2",
    "fsync=off",
    "full_page_writes=off",
    "max_wal_size=16GB",
    "autovacuum=off",
];

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    server: Child,
}

impl Postgres {
    /// Installs PostgreSQL where it is missing, makes a cluster and starts it.
    pub fn start() -> Result<Self, String> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("tickmark-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        match launch(&programs, &folder) {
            Ok(server) => {
                let postgres = Self {
                    folder,
                    programs,
                    server,
                };
                postgres.wait_until_ready()?;
                Ok(postgres)
            }
            Err(problem) => {
                drop(std::fs::remove_dir_all(&folder));
                Err(problem)
            }
        }
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h"])
                .arg(&self.folder)
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("the temporary PostgreSQL did not start within a minute".to_owned())
    }

    /// The client, connected to the server, stopping at the first error.
    pub fn psql(&self) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "bench",
            "-d",
            "postgres",
        ]);
        psql.arg("-h").arg(&self.folder);
        psql
    }

    /// Runs a file; what was timed and the peak memory of the server meanwhile:
    /// the private memory of its processes and the shared memory in use.
    pub fn measured(&self, file: &Path) -> Result<Measured, String> {
        let done = Arc::new(AtomicBool::new(false));
        let (seen, server) = (Arc::clone(&done), self.server.id());
        let watcher = std::thread::spawn(move || {
            let mut peak: f64 = 0.0;
            while !seen.load(Ordering::Relaxed) {
                peak = peak.max(memory_kib(server));
                std::thread::sleep(Duration::from_millis(20));
            }
            peak
        });
        let told = measure::output(self.psql().arg("-f").arg(file));
        done.store(true, Ordering::Relaxed);
        let peak = watcher.join().unwrap_or_default();
        let told = told?;
        let time = told
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("Time: "));
        let ms: f64 = time
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| format!("psql told no time: {told}"))?;
        Ok(Measured::from([
            ("seconds".to_owned(), (ms / 1000.0).to_string()),
            ("peak_kib".to_owned(), peak.to_string()),
        ]))
    }
}

impl Drop for Postgres {
    /// Stops the server (SIGINT: at once, disconnecting everybody) and removes
    /// its folder.
    fn drop(&mut self) {
        let pid = self.server.id().to_string();
        drop(Command::new("kill").args(["-INT", &pid]).status());
        drop(self.server.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// The newest folder of Debian's that holds the server's programs.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            let folder = version.ok()?.path();
            let number = folder.file_name()?.to_str()?.parse().ok()?;
            Some((number, folder.join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs)
}

fn programs() -> Result<PathBuf, String> {
    if let Some(programs) = installed() {
        return Ok(programs);
    }
    // The server's package has no program of its own on the path.
    run::debian(&[("postgres", "postgresql")])?;
    installed()
        .ok_or_else(|| "PostgreSQL was installed but is not below /usr/lib/postgresql".into())
}

fn launch(programs: &Path, folder: &Path) -> Result<Child, String> {
    let data = folder.join("data");
    if is_root()? {
        run::check(Command::new("chown").arg("postgres").arg(folder))?;
    }
    let mut initdb = as_nobody_special(&programs.join("initdb"))?;
    initdb.args([
        "-U",
        "bench",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-D",
    ]);
    measure::output(initdb.arg(&data))?;
    let mut server = as_nobody_special(&programs.join("postgres"))?;
    server.arg("-D").arg(&data).arg("-k").arg(folder);
    for setting in SETTINGS {
        server.args(["-c", setting]);
    }
    let log = std::fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
    server
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("the temporary PostgreSQL could not start: {error}"))
}

fn is_root() -> Result<bool, String> {
    Ok(measure::output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// The server refuses to run as root; Debian's package made a user for it. It
/// ends with this process, also when that is killed.
fn as_nobody_special(program: &Path) -> Result<Command, String> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root()? {
        command.args(["--reuid", "postgres", "--regid", "postgres"]);
        command.arg("--init-groups");
    }
    command.arg(program).current_dir("/");
    Ok(command)
}

/// Private memory of the server's processes, and the most shared memory that
/// one of them has touched.
fn memory_kib(server: u32) -> f64 {
    let mut private = 0.0;
    let mut shared: f64 = 0.0;
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let status = format!("{}/status", process.path().display());
        if kib(&status, "PPid:") == Some(f64::from(server)) {
            private += kib(&status, "RssAnon:").unwrap_or_default();
            shared = shared.max(kib(&status, "RssShmem:").unwrap_or_default());
        }
    }
    private + shared
}
