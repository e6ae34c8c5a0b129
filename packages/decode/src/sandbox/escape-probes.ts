/**
 * Attempts to get out of the sandbox, written so that each really would work in the open: a test runs
 * them there and sees them succeed. Each returns true when it got out.
 */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { connect } from 'node:net';

/** What the parent tells the probes of the world outside, so that they know what to look for. */
export interface WorldOutside {
  /** A port of loopback on which the parent listens. */
  readonly port: number;
  readonly parentPid: number;
  /** When the parent started, in the kernel's ticks: tells it from a process of the same number inside. */
  readonly parentStart: string;
  /** Names of environment variables that the sandbox itself sets. */
  readonly environment: readonly string[];
  readonly maxDataBytes: number;
  readonly maxOpenFiles: number;
  readonly maxProcesses: number;
  /** A folder of the application as the prober sees it. */
  readonly appFolder: string;
}

export type EscapeProbe = (outside: WorldOutside) => boolean | Promise<boolean>;

const CONNECT_TIMEOUT_MS = 2_000;

export const ESCAPE_PROBES: Readonly<Record<string, EscapeProbe>> = {
  'connect to the host over the network': ({ port }) =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: CONNECT_TIMEOUT_MS });
      const end = (got: boolean): void => {
        socket.destroy();
        resolve(got);
      };
      socket.once('connect', () => end(true)).once('timeout', () => end(false)).once('error', () => end(false));
    }),
  'read a file of the host': () => succeeds(() => readFileSync('/etc/passwd')),
  'list folders of the host': () => ['/root', '/home', '/var', '/etc', '/sys', '/boot'].some((folder) => succeeds(() => readdirSync(folder))),
  'write a file': () => ['/tmp', '/dev/shm', '/var/tmp', '/usr', '/'].some((folder) => canWrite(`${folder}/kerbside-escape-${process.pid}`)),
  'write into the application': ({ appFolder }) => canWrite(`${appFolder}/kerbside-escape-${process.pid}`),
  'see processes of the host': ({ maxProcesses }) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length > maxProcesses,
  'signal the parent': ({ parentPid, parentStart }) => startOf(parentPid) === parentStart && succeeds(() => process.kill(parentPid, 0)),
  'read the environment of the host': ({ environment }) => Object.keys(process.env).some((name) => name !== 'PWD' && !environment.includes(name)),
  'hold more memory than allowed': ({ maxDataBytes }) => succeeds(() => new ArrayBuffer(maxDataBytes + 64 * 1024 * 1024)),
  'open more files than allowed': ({ maxOpenFiles }) => canOpen(maxOpenFiles + 1),
  // Opened and nothing written. As root all would open; without rights the last two are left to look at.
  'reach settings or memory of the kernel': () =>
    ['/proc/sys/kernel/hostname', '/proc/sys/vm/drop_caches', '/proc/sysrq-trigger'].some((path) => succeeds(() => closeSync(openSync(path, 'a')))) ||
    succeeds(() => readFileSync('/proc/sys/kernel/hostname')) ||
    hasContent('/proc/kallsyms'),
  'reach a disk or the memory of the host': () => ['/dev/sda', '/dev/vda', '/dev/nvme0n1', '/dev/mem', '/dev/kmsg', '/dev/fuse', '/dev/kvm'].some((path) => succeeds(() => statSync(path))),
  'keep rights or go unfiltered': () => {
    const status = readFileSync('/proc/self/status', 'latin1');
    return !/^CapEff:\s*0+$/m.test(status) || !/^CapBnd:\s*0+$/m.test(status) || !/^NoNewPrivs:\s*1$/m.test(status) || !/^Seccomp:\s*2$/m.test(status);
  },
};

/** Start of a process in ticks: the 20th field after its name. Empty when there is none. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

function hasContent(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').length > 0;
  } catch {
    return false;
  }
}

/** An empty file is no escape: a name alone carries nothing out, and nothing of it lasts. */
function canWrite(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    try {
      return writeSync(file, 'x') === 1;
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
  } catch {
    return false;
  }
}

function canOpen(count: number): boolean {
  const files: number[] = [];
  try {
    while (files.length < count) files.push(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  } finally {
    for (const file of files) closeSync(file);
  }
}
