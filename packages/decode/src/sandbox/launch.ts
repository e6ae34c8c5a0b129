import { UnsupportedError } from '@kerbside/bytes';
import { spawn, type ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';
import { APP_ROOT, listAppFolders, listAppLinks } from './app-files.ts';
import { findSystemProgram, requireSystemProgram } from './find-program.ts';
import { MAX_ADDRESS_SPACE_BYTES, MAX_DATA_BYTES, MAX_HEAP_MEGABYTES, MAX_LIFETIME_CPU_SECONDS, MAX_OPEN_FILES, MAX_THREADS, PRIVATE_TMP_BYTES } from './limits.ts';
import { maskArguments } from './masked-paths.ts';
import { decodeFilter, hasFilterFor } from './seccomp/decode-filter.ts';
import { listSystemLibraries } from './system-libraries.ts';

/**
 * What a worker may do. `picture`: think and answer; no process, no socket. `tools`: also start the
 * named system programs, inside the same walls, and talk to them by pipes and its own loopback.
 */
export type SandboxProfile = 'picture' | 'tools';

/** System programs shown to the `tools` profile where they are installed. */
export const TOOLS = ['ffmpeg', 'ffprobe', 'bsdtar'] as const;

const NODE_INSIDE = `${APP_ROOT}/bin/node`;
/** bubblewrap reads the system call filter from here and closes it; descriptor 3 is the talk with the parent. */
const FILTER_DESCRIPTOR = 4;

/** Decoders get few threads: the pool has a worker for each core. */
export const SANDBOX_ENVIRONMENT: Readonly<Record<string, string>> = { PATH: '/usr/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', UV_THREADPOOL_SIZE: '2', VIPS_CONCURRENCY: '1', MALLOC_ARENA_MAX: '2' };
const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${MAX_HEAP_MEGABYTES}`, '--v8-pool-size=1'];

/** What is run in the walls of a profile. */
export interface SandboxedProgram {
  readonly profile: SandboxProfile;
  /** Path inside, and its arguments. */
  readonly command: readonly string[];
  /** System programs shown besides those of the profile: only the self-test has any. */
  readonly extraPrograms?: readonly string[];
}

/** Where the C library keeps the locale C.UTF-8, which is text tables only. */
const LOCALE_FOLDER = '/usr/lib/locale/C.utf8';

const bindsOf = new Map<string, readonly string[]>();

/**
 * Starts a script of the application on Node inside the sandbox. Descriptor 3 is the talk with it,
 * standard error a pipe, and nothing else is open.
 *
 * @param script path inside the sandbox
 * @throws UnsupportedError `program-not-installed`, `sandbox-unsound`
 */
export function startSandboxed(profile: SandboxProfile, script: string, args: readonly string[] = []): ChildProcess {
  return startSandboxedProgram({ profile, command: [NODE_INSIDE, ...NODE_OPTIONS, script, ...args] });
}

/** @throws UnsupportedError `program-not-installed`, `sandbox-unsound` */
export function startSandboxedProgram(program: SandboxedProgram): ChildProcess {
  if (!hasFilterFor(process.arch)) throw new UnsupportedError('sandbox-unsound', `there is no system call filter for processors of the kind ${process.arch}, so nothing is decoded here`);
  const child = spawn(requireSystemProgram('prlimit'), launchArguments(program), { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: {} });
  const filter = child.stdio[FILTER_DESCRIPTOR];
  if (filter instanceof Writable) filter.on('error', () => {}).end(decodeFilter(program.profile));
  return child;
}

function launchArguments({ profile, command, extraPrograms = [] }: SandboxedProgram): string[] {
  const key = [profile, ...extraPrograms].join(' ');
  const binds = bindsOf.get(key) ?? makeBinds(profile, extraPrograms);
  bindsOf.set(key, binds);
  return [
    `--as=${MAX_ADDRESS_SPACE_BYTES}`, `--data=${MAX_DATA_BYTES}`, `--cpu=${MAX_LIFETIME_CPU_SECONDS}`, `--nofile=${MAX_OPEN_FILES}`,
    `--nproc=${MAX_THREADS}`, '--fsize=0', '--core=0', '--memlock=0', '--msgqueue=0',
    requireSystemProgram('bwrap'),
    '--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'kerbside', '--clearenv',
    ...Object.entries(SANDBOX_ENVIRONMENT).flatMap(([name, value]) => ['--setenv', name, value]),
    ...binds,
    '--proc', '/proc', ...maskArguments(), '--dev', '/dev', '--remount-ro', '/dev', '--size', String(PRIVATE_TMP_BYTES), '--tmpfs', '/tmp', '--remount-ro', '/',
    '--chdir', '/tmp', '--seccomp', String(FILTER_DESCRIPTOR),
    '--', ...command,
  ];
}

function makeBinds(profile: SandboxProfile, extraPrograms: readonly string[]): string[] {
  const tools = [...(profile === 'tools' ? TOOLS : []), ...extraPrograms].map(findSystemProgram).filter((path) => path !== null);
  const libraries = listSystemLibraries([process.execPath, ...tools]);
  if (libraries.length === 0) throw new UnsupportedError('sandbox-unsound', 'the shared libraries of Node cannot be listed (ldd), so no decode sandbox can be made');
  return [
    ...libraries.flatMap((path) => ['--ro-bind', path, path]),
    ...tools.flatMap((path) => ['--ro-bind', path, path]),
    // libarchive reads names rightly in a UTF-8 locale only, and has been seen to crash without.
    ...(profile === 'tools' ? ['--ro-bind-try', LOCALE_FOLDER, LOCALE_FOLDER] : []),
    '--ro-bind', process.execPath, NODE_INSIDE,
    ...listAppFolders().flatMap(({ hostPath, insidePath }) => ['--ro-bind', hostPath, insidePath]),
    ...listAppLinks().flatMap(({ target, insidePath }) => ['--symlink', target, insidePath]),
  ];
}
