/**
 * Numbers of system calls on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl of Linux), in the groups
 * in which the filter treats them. What is in no group fails with EPERM.
 */

/**
 * Memory, time, threads, descriptors, reading of files: what Node, libvips, WebAssembly and ONNX Runtime
 * were seen to use (strace), and their near relatives that differ by version of the C library. None
 * reaches anything that the walls of the sandbox do not bound. The first are the most frequent.
 */
export const ALLOWED_CALLS: Readonly<Record<string, number>> = {
  futex: 202, mprotect: 10, read: 0, write: 1, mmap: 9, munmap: 11, madvise: 28, epoll_pwait: 281, epoll_wait: 232, epoll_ctl: 233,
  clock_gettime: 228, gettimeofday: 96, clock_getres: 229, clock_nanosleep: 230, nanosleep: 35, time: 201,
  brk: 12, mremap: 25, mincore: 27, msync: 26, membarrier: 324, pkey_alloc: 330, pkey_free: 331, pkey_mprotect: 329,
  rt_sigaction: 13, rt_sigprocmask: 14, rt_sigreturn: 15, rt_sigtimedwait: 128, rt_sigpending: 127, sigaltstack: 131, restart_syscall: 219, tgkill: 234,
  sched_yield: 24, sched_getaffinity: 204, sched_getparam: 143, sched_getscheduler: 145, sched_get_priority_max: 146, sched_get_priority_min: 147,
  getcpu: 309, get_mempolicy: 239, set_mempolicy: 238, getpriority: 140,
  set_tid_address: 218, set_robust_list: 273, get_robust_list: 274, rseq: 334, arch_prctl: 158, futex_waitv: 449,
  exit: 60, exit_group: 231, wait4: 61, waitid: 247, execve: 59, getpid: 39, getppid: 110, gettid: 186, getpgrp: 111, getsid: 124, getpgid: 121,
  getuid: 102, geteuid: 107, getgid: 104, getegid: 108, getresuid: 118, getresgid: 120, getgroups: 115, capget: 125,
  uname: 63, sysinfo: 99, getrusage: 98, getrlimit: 97, times: 100, getrandom: 318, umask: 95,
  open: 2, openat: 257, close: 3, close_range: 436, stat: 4, fstat: 5, lstat: 6, newfstatat: 262, statx: 332, statfs: 137, fstatfs: 138,
  access: 21, faccessat: 269, faccessat2: 439, readlink: 89, readlinkat: 267, getcwd: 79, chdir: 80, getdents64: 217, fadvise64: 221,
  lseek: 8, pread64: 17, readv: 19, writev: 20, preadv: 295, pwrite64: 18, pwritev: 296, fsync: 74, fdatasync: 75, ftruncate: 77,
  dup: 32, dup2: 33, dup3: 292, fcntl: 72, flock: 73, pipe: 22, pipe2: 293, poll: 7, ppoll: 271, select: 23, pselect6: 270,
  eventfd2: 290, epoll_create1: 291, timerfd_create: 283, timerfd_settime: 286, timerfd_gettime: 287, signalfd4: 289,
  timer_create: 222, timer_settime: 223, timer_gettime: 224, timer_delete: 226, setitimer: 38, getitimer: 36, alarm: 37,
  sendto: 44, sendmsg: 46, recvfrom: 45, recvmsg: 47, shutdown: 48, getsockname: 51, getpeername: 52, getsockopt: 55, setsockopt: 54,
};

/** What a profile with tools needs besides: processes of its own, and talk between them over its own loopback. */
export const TOOL_CALLS: Readonly<Record<string, number>> = {
  fork: 57, vfork: 58, kill: 62, connect: 42, accept: 43, accept4: 288, bind: 49, listen: 50, mlock: 149, munlock: 150, setpgid: 109, setsid: 112,
  unlink: 87, rename: 82, mkdir: 83, chmod: 90, fchmod: 91, utimensat: 280, fchown: 93, memfd_create: 319, sched_setaffinity: 203, setpriority: 141,
};

/**
 * What no decoder has a reason to try: other processes' memory, the kernel's own machinery, mounts and
 * namespaces, keys, and the interfaces that most kernel break-outs of late went through. The process
 * ends at once.
 */
export const KILLED_CALLS: Readonly<Record<string, number>> = {
  ptrace: 101, process_vm_readv: 310, process_vm_writev: 311, process_madvise: 440, kcmp: 312, pidfd_getfd: 438,
  bpf: 321, perf_event_open: 298, userfaultfd: 323, io_uring_enter: 426, io_uring_register: 427,
  mount: 165, umount2: 166, pivot_root: 155, chroot: 161, open_tree: 428, move_mount: 429, fsopen: 430, fsconfig: 431, fsmount: 432, fspick: 433, mount_setattr: 442,
  unshare: 272, setns: 308, add_key: 248, request_key: 249, keyctl: 250, open_by_handle_at: 304,
  kexec_load: 246, kexec_file_load: 320, init_module: 175, finit_module: 313, delete_module: 176, create_module: 174,
  reboot: 169, swapon: 167, swapoff: 168, acct: 163, iopl: 172, ioperm: 173, modify_ldt: 154, syslog: 103, quotactl: 179, quotactl_fd: 443, nfsservctl: 180, vhangup: 153, uselib: 134,
  settimeofday: 164, clock_settime: 227, clock_adjtime: 305, adjtimex: 159, sethostname: 170, setdomainname: 171, fanotify_init: 300, memfd_secret: 447,
};

/** Calls that are allowed or not by an argument. */
export const CLONE = 56;
export const CLONE3 = 435;
export const SOCKET = 41;
export const SOCKETPAIR = 53;
export const IOCTL = 16;
export const PRCTL = 157;
export const PRLIMIT64 = 302;
/** Node tries it at start whatever it is told; it is answered that the kernel has none. */
export const IO_URING_SETUP = 425;
