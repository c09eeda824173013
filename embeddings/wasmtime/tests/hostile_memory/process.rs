// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What this process uses.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// glibc's `struct mallinfo2`.
#[repr(C)]
struct Mallinfo2 {
    arena: usize,
    ordblks: usize,
    smblks: usize,
    hblks: usize,
    hblkhd: usize,
    usmblks: usize,
    fsmblks: usize,
    uordblks: usize,
    fordblks: usize,
    keepcost: usize,
}

unsafe extern "C" {
    fn mallinfo2() -> Mallinfo2;
    fn malloc_trim(pad: usize) -> i32;
}

/// Bytes that are allocated and not freed, by Rust and by C.
pub fn allocated() -> usize {
    // SAFETY: needs nothing, and locks what it looks at.
    let info = unsafe { mallinfo2() };
    info.uordblks + info.hblkhd
}

/// Bytes of memory that the process has, once all that can be given back is.
pub fn resident() -> usize {
    // SAFETY: needs nothing.
    unsafe { malloc_trim(0) };
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Time that all threads have spent on a processor, to a hundredth of a second.
pub fn time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// Looks at what is allocated, all the time, from a thread of its own.
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Watch {
    pub fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut most = 0;
            while !stopped.load(Ordering::Relaxed) {
                most = most.max(allocated());
                thread::sleep(Duration::from_millis(1));
            }
            most
        });
        Self { stop, thread }
    }

    /// The most that there was.
    pub fn most(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
