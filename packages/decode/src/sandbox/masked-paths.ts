import { existsSync } from 'node:fs';

/**
 * Parts of a fresh `/proc` that are not about processes. Their files belong to the host's root, which is
 * who Kerbside runs as when it reads a device, and bubblewrap leaves some of them open to it.
 */
const MASKED_FOLDERS = ['/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/acpi', '/proc/scsi', '/proc/driver', '/proc/tty', '/proc/sysvipc'];
const MASKED_FILES = ['/proc/sysrq-trigger', '/proc/kcore', '/proc/kmsg', '/proc/keys', '/proc/key-users', '/proc/kallsyms', '/proc/timer_list', '/proc/sched_debug', '/proc/mtrr', '/proc/kpagecount', '/proc/kpageflags', '/proc/kpagecgroup', '/proc/config.gz', '/proc/slabinfo', '/proc/vmallocinfo'];

/** bubblewrap's arguments that put empty folders and `/dev/null` over them; to stand after `--proc /proc`. */
export function maskArguments(): string[] {
  return [
    ...MASKED_FOLDERS.filter((path) => existsSync(path)).flatMap((path) => ['--size', '4096', '--tmpfs', path, '--remount-ro', path]),
    ...MASKED_FILES.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', '/dev/null', path]),
  ];
}
