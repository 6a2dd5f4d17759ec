//! The servers as processes, and the CPU time that processes have taken, from `/proc`.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::server::Side;

/// Ticks a second in which Linux tells processes' times, on every architecture.
const TICKS: u64 = 100;

/// A server of one side, ended when this is dropped.
pub struct ServerProcess {
    pub side: Side,
    pub address: SocketAddr,
    child: Child,
}

impl ServerProcess {
    pub fn start(side: Side, url: &str) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .args(["serve", side.name(), url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let mut line = String::new();
        let output = child.stdout.take().expect("standard output is piped");
        BufReader::new(output).read_line(&mut line).expect("a server says where it is");
        let address = line.trim().parse().expect("an address");
        Self { side, address, child }
    }

    /// The CPU time taken since the start.
    pub fn cpu(&self) -> Duration {
        own_time(&Stat::read(self.child.id()).expect("the server is running"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// PostgreSQL's processes for connections: the children of its first process.
pub struct Backends {
    postmaster: u32,
}

impl Backends {
    /// The server of which `backend` is a process.
    pub fn of(backend: u32) -> Self {
        let stat = Stat::read(backend).expect("PostgreSQL runs on this machine");
        Self { postmaster: stat.parent }
    }

    /// The CPU time of all of them, those that have ended included.
    pub fn cpu(&self) -> Duration {
        let processes = std::fs::read_dir("/proc").expect("this is Linux").flatten();
        let living = processes
            .filter_map(|entry| Stat::read(entry.file_name().to_str()?.parse().ok()?))
            .filter(|stat| stat.parent == self.postmaster)
            .map(|stat| own_time(&stat));
        let ended = Stat::read(self.postmaster).expect("PostgreSQL is running");
        living.sum::<Duration>() + ticks(ended.of_ended_children)
    }
}

/// What is needed of `/proc/<pid>/stat`.
struct Stat {
    parent: u32,
    own: u64,
    of_ended_children: u64,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name of the program stands in brackets and may hold anything.
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            of_ended_children: number(13)? + number(14)?,
        })
    }
}

fn own_time(stat: &Stat) -> Duration {
    ticks(stat.own)
}

fn ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1_000 / TICKS)
}
