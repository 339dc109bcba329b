//! How the child gives up everything that decoding does not need, before it looks at a file.
//!
//! Four layers, each enough against most of what a broken decoder could be made to do: seccomp leaves a short list
//! of system calls (no `open`, `socket`, `fork`, `exec`), Landlock refuses every file and network access, rlimits
//! bound memory, time and descriptors, and no descriptor but the three pipes stays open.
//! Where the kernel lacks a layer the others still stand, and [`Confinement`] names what is missing.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landlock {
    /// Files, network and scopes: everything we asked for.
    Full,
    /// An older kernel: it refuses to open files, and knows not all of the rest.
    Partial,
    Absent,
}

/// What is enforced in the child, as the kernel said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Confinement {
    pub landlock: Landlock,
    pub seccomp: bool,
    pub rlimits: bool,
}

impl Confinement {
    pub const NONE: Self = Self { landlock: Landlock::Absent, seccomp: false, rlimits: false };

    /// Nothing is missing that could let a file get out.
    ///
    /// A partial Landlock counts: what an older kernel does not know of it, seccomp refuses by itself.
    pub fn is_full(&self) -> bool {
        self.landlock != Landlock::Absent && self.seccomp && self.rlimits
    }

    /// For `doctor` and the console.
    pub fn describe(&self) -> String {
        let landlock = match self.landlock {
            Landlock::Full => "Landlock on",
            Landlock::Partial => "Landlock on (older kernel: files only)",
            Landlock::Absent => "Landlock MISSING (kernel 5.13 or newer with `lsm=landlock` has it)",
        };
        let seccomp =
            if self.seccomp { "seccomp on" } else { "seccomp MISSING (needs CONFIG_SECCOMP_FILTER)" };
        let rlimits = if self.rlimits { "limits on" } else { "limits MISSING" };
        format!("{landlock}, {seccomp}, {rlimits}")
    }
}

/// Confines this process for the rest of its life. Call it before any other thread is started.
///
/// Never fails: what could not be enforced is in the answer.
pub fn confine(limits: &Limits) -> Confinement {
    confine_around(limits, || ()).0
}

/// The same for a process that works with threads: `prepare` starts them, with every file and network shut already
/// and with the right to start threads, which nobody has when this returns.
///
/// Landlock binds the threads that come after it, seccomp all there are; so `prepare` stands between the two.
pub fn confine_around<T>(limits: &Limits, prepare: impl FnOnce() -> T) -> (Confinement, T) {
    #[cfg(target_os = "linux")]
    return linux::confine_around(limits, prepare);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = limits;
        (Confinement::NONE, prepare())
    }
}

#[cfg(target_os = "linux")]
mod linux;
