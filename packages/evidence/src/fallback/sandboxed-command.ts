import { UnsupportedError } from '@kerbside/bytes';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A host file or, with `isDevice`, a block device. A read-only mount does not keep a device node from
 * being written to: only the kernel's own flag does, so a device is given only while it stands
 * (`blockdev --setro`); without capabilities the program cannot clear it.
 */
export interface SandboxedFile {
  readonly hostPath: string;
  readonly name: string;
  readonly isDevice?: boolean;
}

/** What a sandboxed program may see and use. */
export interface SandboxRules {
  /** Host files shown read-only inside, by their name in `/evidence`. */
  readonly evidence: readonly SandboxedFile[];
  /** A host folder shown writable as `/socket`, for a socket only: no file in it may grow. */
  readonly socketFolder?: string;
  /** CPU seconds before the kernel ends it. */
  readonly cpuSeconds: number;
  /** Largest file it may write (its standard output, when that is a file); 0 allows none to grow. */
  readonly maxFileBytes: number;
}

/** A program and its arguments, ready for `spawn` without a shell. */
export interface SandboxedCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Address space; real use of fiwalk and qemu-nbd stays under 300 MB. */
const MAX_ADDRESS_SPACE_BYTES = 4 * 1024 * 1024 * 1024;
const MAX_OPEN_FILES = 1_024;
const PRIVATE_TMP_BYTES = 16 * 1024 * 1024;
const SELF_TEST_TIMEOUT_MS = 20_000;

/** Debian packages of the programs that the fallback readers need. */
const PACKAGES: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  prlimit: 'util-linux',
  fiwalk: 'sleuthkit',
  fls: 'sleuthkit',
  istat: 'sleuthkit',
  pstat: 'sleuthkit',
  'qemu-nbd': 'qemu-utils',
};

/**
 * Wraps a program so that it sees only system libraries and the named evidence, all read-only: no
 * network, no other process, no capability, no environment, and it dies with us.
 *
 * @throws UnsupportedError `program-not-installed` with the package, `sandbox-unsound` when the self-test fails
 */
export function sandboxedCommand(program: string, args: readonly string[], rules: SandboxRules): SandboxedCommand {
  const path = requireProgram(program);
  requireSoundSandbox();
  return wrap(path, args, rules);
}

/**
 * Makes sure, before a volume is promised, that all these programs are installed and that the sandbox is sound.
 * @throws UnsupportedError as `sandboxedCommand`
 */
export function requireSandboxedPrograms(programs: readonly string[]): void {
  for (const program of [...programs, 'bwrap', 'prlimit']) requireProgram(program);
  requireSoundSandbox();
}

/**
 * Finds a program in the system's own folders.
 * @throws UnsupportedError `program-not-installed`
 */
export function requireProgram(program: string): string {
  const folders = ['/usr/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/usr/'))];
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Try the next folder.
    }
  }
  const name = PACKAGES[program] ?? program;
  throw new UnsupportedError('program-not-installed', `the program ${program} is needed to read this and is not installed: apt install ${name}`);
}

function wrap(path: string, args: readonly string[], rules: SandboxRules): SandboxedCommand {
  const binds = rules.evidence.flatMap(({ hostPath, name, isDevice }) => [isDevice === true ? '--dev-bind' : '--ro-bind', hostPath, `/evidence/${name}`]);
  const socket = rules.socketFolder === undefined ? [] : ['--bind', rules.socketFolder, '/socket'];
  return {
    command: requireProgram('prlimit'),
    args: [
      `--as=${MAX_ADDRESS_SPACE_BYTES}`, `--cpu=${rules.cpuSeconds}`, `--nofile=${MAX_OPEN_FILES}`, `--fsize=${rules.maxFileBytes}`, '--core=0',
      requireProgram('bwrap'),
      '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv',
      '--setenv', 'PATH', '/usr/bin', '--setenv', 'LC_ALL', 'C.UTF-8', '--setenv', 'TZ', 'UTC',
      '--ro-bind', '/usr', '/usr', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64', '--symlink', 'usr/bin', '/bin',
      '--proc', '/proc', '--dev', '/dev', '--size', String(PRIVATE_TMP_BYTES), '--tmpfs', '/tmp',
      ...binds, ...socket, '--chdir', '/tmp', '--', path, ...args,
    ],
  };
}

/**
 * What a sandboxed program must not be able to do, as shell lines that print their own name when
 * they succeed. Each is tried inside; any name in the output means the sandbox leaks.
 */
const ESCAPES: readonly string[] = [
  'test -e /etc/passwd && echo host-files',
  'test -e /root && echo home-folders',
  'test -e /var && echo host-state',
  '(: > /usr/kerbside-escape) 2>/dev/null && echo write-system',
  '(: > /evidence/probe) 2>/dev/null && echo write-evidence',
  '(echo x >> /tmp/large) 2>/dev/null && echo write-files',
  'test "$(tail -n +3 /proc/net/dev | grep -vc " lo:")" = 0 || echo network',
  'grep -q "^CapEff:[[:space:]]*0*$" /proc/self/status || echo capabilities',
  'test -e /dev/sda -o -e /dev/vda -o -e /dev/mem && echo devices',
  'test "$(ls /proc | grep -c "^[0-9]")" -lt 20 || echo host-processes',
  'test -z "$HOME$USER" || echo environment',
];

let isSound: boolean | null = null;

function requireSoundSandbox(): void {
  isSound ??= selfTestSandbox().length === 0;
  if (!isSound) throw new UnsupportedError('sandbox-unsound', 'the sandbox for outside programs failed its self-test, so none is run: check that bubblewrap works on this machine (kerbside doctor)');
}

/** Runs the escape probes; returns what succeeded, or `sandbox-does-not-start`. Empty means sound. */
export function selfTestSandbox(): readonly string[] {
  const script = `${ESCAPES.join('\n')}\necho done`;
  const { command, args } = wrap('/usr/bin/sh', ['-c', script], {
    evidence: [{ hostPath: '/usr/bin/env', name: 'probe' }],
    cpuSeconds: 10,
    maxFileBytes: 0,
  });
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: SELF_TEST_TIMEOUT_MS, killSignal: 'SIGKILL', env: {} });
  const lines = (stdout ?? '').trim().split('\n');
  return lines.at(-1) === 'done' ? lines.slice(0, -1) : ['sandbox-does-not-start'];
}
