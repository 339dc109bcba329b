//! The layers on Linux. The order matters: seccomp comes last, because it forbids what sets up the others.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope};
use rustix::{
    io,
    process::{DumpableBehavior, Resource, Rlimit, Signal},
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::{Confinement, Landlock};
use crate::limits::Limits;

pub(super) fn confine_around<T>(limits: &Limits, prepare: impl FnOnce() -> T) -> (Confinement, T) {
    close_descriptors();
    let tied = tie_to_parent();
    let landlock = landlock().unwrap_or(Landlock::Absent);
    let prepared = prepare();
    let rlimits = rlimits(limits).is_ok();
    let seccomp = tied.is_ok() && seccomp().is_ok();
    (Confinement { landlock, seccomp, rlimits }, prepared)
}

/// The child dies with its parent, gains no rights by any exec, and leaves its memory to no debugger.
fn tie_to_parent() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)
}

/// A descriptor that the parent forgot to mark close-on-exec, a database say, must not be at hand in here.
fn close_descriptors() {
    // SAFETY: nothing in this process owns a descriptor above the three pipes yet; the call touches no memory.
    #[expect(unsafe_code, reason = "close_range has no safe wrapper")]
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
    }
}

/// A ruleset without one rule: it handles every kind of access that the kernel knows and allows none.
fn landlock() -> Result<Landlock, RulesetError> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Absent,
    })
}

fn rlimits(limits: &Limits) -> io::Result<()> {
    let set = |resource, soft: u64, hard: u64| {
        // Never above what we were given ourselves.
        let ceiling = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(soft.min(ceiling)), maximum: Some(hard.min(ceiling)) };
        rustix::process::setrlimit(resource, limit)
    };
    set(Resource::As, limits.memory_bytes, limits.memory_bytes)?;
    // SIGXCPU at the soft limit names the cause; SIGKILL follows where it is ignored.
    set(Resource::Cpu, limits.cpu_s, limits.cpu_s.saturating_add(1))?;
    set(Resource::Fsize, 0, 0)?;
    set(Resource::Core, 0, 0)?;
    set(Resource::Nproc, 0, 0)?;
    // The three pipes that are open; not one more.
    set(Resource::Nofile, 3, 3)
}

/// The system calls that decoding needs. Everything else answers EPERM.
///
/// EPERM and not the end of the process: what is forbidden does not happen either way, a C library that asks for
/// something harmless (`ioctl` on a pipe, a look at cgroup files) goes on as it does wherever that fails, and
/// `probe` can try every door in one child.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // A thread that was started before the filter and first runs after it tells the kernel about its own memory; glibc
    // ends the process when it may not.
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Memory may be mapped and protected, never as executable.
const ALLOWED_WITHOUT_EXEC: &[libc::c_long] = &[libc::SYS_mmap, libc::SYS_mprotect];

/// `abort` signals its own process: the parent reads from that signal that the memory was used up.
const ALLOWED_ON_ITSELF: &[libc::c_long] = &[libc::SYS_tgkill, libc::SYS_tkill, libc::SYS_kill];

#[derive(Debug, thiserror::Error)]
enum SeccompError {
    #[error("seccomp filter: {0}")]
    Filter(#[from] seccompiler::BackendError),
    #[error("seccomp: {0}")]
    Apply(#[from] seccompiler::Error),
    #[error("a number does not fit")]
    Number(#[from] std::num::TryFromIntError),
}

fn seccomp() -> Result<(), SeccompError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    let prot_exec = u64::try_from(libc::PROT_EXEC)?;
    for call in ALLOWED_WITHOUT_EXEC {
        let not_executable =
            SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(prot_exec), 0)?;
        rules.insert(*call, vec![SeccompRule::new(vec![not_executable])?]);
    }
    let own_pid = u64::try_from(rustix::process::getpid().as_raw_nonzero().get())?;
    for call in ALLOWED_ON_ITSELF {
        let itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own_pid)?;
        rules.insert(*call, vec![SeccompRule::new(vec![itself])?]);
    }
    let refuse = SeccompAction::Errno(u32::try_from(libc::EPERM)?);
    let arch = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram = SeccompFilter::new(rules, refuse, SeccompAction::Allow, arch)?.try_into()?;
    seccompiler::apply_filter_all_threads(&program)?;
    Ok(())
}
