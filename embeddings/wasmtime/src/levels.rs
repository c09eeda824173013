// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! TLS in TLS: how deep a connection is in others.
//!
//! A raw stream may be the cleartext of another connection, whose raw streams may be as well, and so on. Each call on one level
//! is several calls on the level below, so the work grows with the power of the depth, and the stack with the depth; all of it
//! within one call of a guest.

use std::cell::Cell;

/// More than anybody needs: a tunnel through a proxy takes two.
const MOST: u32 = 8;

thread_local! {
    /// The level of the raw stream that was called last on this thread.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The level of a raw stream: 1 above anything but TLS. Known as far as calls have gone.
#[derive(Default)]
pub(crate) struct Level(u32);

impl Level {
    /// Calls `body`, and finds out how many levels there are below from the calls that it leads to.
    pub(crate) fn measure<T>(&mut self, body: impl FnOnce() -> T) -> T {
        LAST.set(0);
        let value = body();
        self.0 = self.0.max(LAST.get() + 1);
        LAST.set(self.0);
        value
    }

    pub(crate) fn is_too_deep(&self) -> bool {
        self.0 > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_add_up_and_are_remembered() {
        let (mut lower, mut upper) = (Level::default(), Level::default());
        upper.measure(|| lower.measure(|| ()));
        assert_eq!((lower.0, upper.0), (1, 2));
        upper.measure(|| ());
        assert_eq!(upper.0, 2);
    }

    #[test]
    fn beyond_the_bound_is_too_deep() {
        let mut level = Level(MOST - 1);
        level.measure(|| LAST.set(MOST - 1));
        assert!(!level.is_too_deep());
        level.measure(|| LAST.set(MOST));
        assert!(level.is_too_deep());
    }
}
