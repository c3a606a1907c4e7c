//! The processes that the emulator started: the running functions.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;

/// The process that holds this end of a loopback connection, if it is a function.
pub(crate) fn function_at(port: u16, proxy: u16) -> Option<Pid> {
    let socket = format!("socket:[{}]", inode(port, proxy)?);
    functions().into_iter().find(|pid| {
        let held = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero()));
        held.into_iter().flatten().flatten().any(|handle| {
            fs::read_link(handle.path()).is_ok_and(|target| target.to_str() == Some(&socket))
        })
    })
}

/// Ends, stops or continues a process; one that ended meanwhile needs none of it.
pub(crate) fn signal(pid: Pid, signal: Signal) {
    let _ = kill_process(pid, signal);
}

/// Every function that runs. Their programs lie where the emulator unpacked them.
fn functions() -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let program = fs::read_link(format!("/proc/{pid}/exe"));
        program.is_ok_and(|program| program.to_string_lossy().contains("ministack-provided-code"))
    })
    .filter_map(Pid::from_raw)
    .collect()
}

/// The socket of the connection from `port` to `proxy`, as /proc/net/tcp lists it.
fn inode(port: u16, proxy: u16) -> Option<String> {
    let end = |port: u16| format!("0100007F:{port:04X}");
    let listed = fs::read_to_string("/proc/net/tcp").ok()?;
    let mut rows = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| {
        row.get(1) == Some(&end(port).as_str()) && row.get(2) == Some(&end(proxy).as_str())
    })?;
    row.get(9).map(|inode| (*inode).to_owned())
}
