//! The ports of the local stack, all of them on the loopback interface.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::error::Trouble;

/// Where the AWS emulator listens.
pub(crate) const MINISTACK: u16 = 4566;
/// Where the harness stands between the functions and the emulator.
pub(crate) const FAULTS: u16 = 4567;
/// Where the CRM listens.
pub(crate) const TRYTON: u16 = 8092;

/// Fails if another program holds the port.
pub(crate) fn check_free(owner: &'static str, port: u16) -> Result<(), Trouble> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(_) => Err(Trouble::PortTaken { owner, port }),
    }
}

/// Whether a program answers at the port before the time is over, or `gone` says that none will.
pub(crate) fn answers_within(port: u16, limit: Duration, gone: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < limit {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        if gone() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
