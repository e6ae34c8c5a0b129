import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@kerbside/triage';
import { giveControls } from './shared-controls.ts';

/** The root of the checkout. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** The real command, as a user starts it. */
export const KERBSIDE = join(REPOSITORY, 'kerbside');

/** Test images made by others; absent outside CI and the team's machines. */
export const SHARED_IMAGES = join(REPOSITORY, '..', 'shared', 'testdata', 'disk-images');

/** No command of a test takes this long; a hang fails instead of blocking. */
const TIMEOUT_MS = 120_000;

/**
 * This machine's keys and controls as the tests see them: a folder of their own for each test file, never the
 * user's. It stands in this process's environment, so that a command started in any other way gets it too.
 */
export const KERBSIDE_HOME = mkdtempSync(join(tmpdir(), 'kerbside-test-home-'));
process.env['KERBSIDE_HOME'] = KERBSIDE_HOME;
giveControls(KERBSIDE_HOME);
process.on('exit', () => rmSync(KERBSIDE_HOME, { recursive: true, force: true }));

/** What a finished command left. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. */
export function kerbside(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
  const run = spawnSync(KERBSIDE, argv, { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 512 * 1024 * 1024, env: { ...process.env, ...env } });
  if (run.error !== undefined) throw run.error;
  return { status: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
}

/** One item line of `kerbside list --json`. */
export interface ListedItem {
  readonly path: string;
  readonly size: number;
  readonly kind: string;
  readonly allocated: boolean;
  readonly fileSystem: string;
  readonly volume: string;
  readonly id: string;
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
}

/** A listing, sorted into its three kinds of lines. */
export interface Listing {
  readonly items: readonly ListedItem[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly summary: { readonly complete: boolean; readonly items: Readonly<Record<string, number>>; readonly problems: number };
}

/** Runs `kerbside list SOURCE --json`, as a process of its own or as `start` does, and fails on a line that is not JSON or a listing without its summary. */
export function listSource(path: string, hash = '', start: typeof kerbside = kerbside): Listing {
  const run = start(['list', path, ...(hash === '' ? [] : ['--hash', hash]), '--json']);
  if (run.status !== 0) throw new Error(`list ended with ${run.status}: ${run.stderr}`);
  return parseListing(run.stdout);
}

/** Sorts what `kerbside list --json` has printed. */
export function parseListing(stdout: string): Listing {
  const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { problem?: Listing['problems'][number]; summary?: Listing['summary'] } & ListedItem);
  const summary = lines.at(-1)?.summary;
  if (summary === undefined) throw new Error('the last line is not the summary');
  const rest = lines.slice(0, -1);
  return { items: rest.filter((line) => line.problem === undefined), problems: rest.flatMap((line) => (line.problem === undefined ? [] : [line.problem])), summary };
}

/** The report of a run's folder. */
export function readReport(folder: string): Report {
  return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
}

/** SHA-256 of a file of any size, to prove that a source is bit-identical before and after. */
export function digestFile(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) hash.update(buffer.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** A folder of its own for one test file, removed at the end. */
export function makeFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'kerbside-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
