import { endProcessTree } from '@kerbside/bytes';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxedCommand, type SandboxRules } from './sandboxed-command.ts';

const PIECE_BYTES = 1024 * 1024;
/** How long one look at a quiet program lasts; Ctrl-C waits for no more than this. */
const LOOK_MS = 15;

/** Nothing new yet: the caller should give others their turn. */
export interface Waiting {
  readonly waiting: true;
}

export const WAITING: Waiting = { waiting: true };

/** What a shell does inside: `$1` is the secret word of this run; `report` ends a part with its exit code. */
const SHELL_START = 'word=$1; shift; report() { printf "\\n%s %s %s\\n" "$word" "$1" "$2"; }; ';

export interface SandboxedRun {
  /** Secret word that starts each line of the shell's own; evidence cannot know it. */
  readonly word: string;
  /** What the program prints, as text in order, while it runs; ends when the program or its time does. */
  output(): Generator<string | Waiting, void, undefined>;
  /** Why the output is not whole; null when the script came to its end, or when the caller left `output` before. */
  failure(): string | null;
  /** Ends the program and lets go of the listing. */
  stop(): void;
}

/**
 * Starts a shell script in the sandbox with its standard output on a private file that has no name
 * any more, so that nothing is left behind however this process ends. The script must end by
 * `report end $?`; what it calls is bounded by the rules, and all of it by `timeoutMs`.
 *
 * The caller stays in charge of its thread: `output` waits a few milliseconds at most, then says so.
 * @param script shell lines; the parameters are in `$@`
 * @param input what the script can read on its standard input
 * @throws UnsupportedError as `sandboxedCommand` does
 */
export function startSandboxedRun(script: string, parameters: readonly string[], rules: SandboxRules, timeoutMs: number, input = ''): SandboxedRun {
  const word = randomBytes(16).toString('hex');
  const { command, args } = sandboxedCommand('sh', ['-c', SHELL_START + script, 'sh', word, ...parameters], rules);
  const listing = openNameless('');
  const given = openNameless(input);
  let child: ChildProcess;
  try {
    child = spawn(command, args, { stdio: [given, listing, 'ignore'], env: {} });
  } catch (error) {
    closeSync(listing);
    throw error;
  } finally {
    closeSync(given);
  }
  child.on('error', () => {});
  child.unref();
  const deadline = performance.now() + timeoutMs;
  let failure: string | null = null;
  let isOpen = true;
  function* output(): Generator<string | Waiting, void, undefined> {
    const buffer = Buffer.alloc(PIECE_BYTES);
    const decoder = new TextDecoder('utf-8');
    const ending = new RegExp(`\\n${word} end (\\d+)\\n$`);
    let tail = '';
    for (let position = 0; isOpen; ) {
      // Asked before the read, so that what it printed last is read too.
      const isOver = hasEnded(child);
      const count = readSync(listing, buffer, 0, PIECE_BYTES, position);
      if (count > 0) {
        position += count;
        const text = decoder.decode(buffer.subarray(0, count), { stream: true });
        tail = (tail + text).slice(-100);
        yield text;
        continue;
      }
      if (isOver) {
        const code = ending.exec(tail)?.[1];
        failure = code === undefined ? 'was ended by a limit or a fault' : code === '0' ? null : `ended with code ${code}`;
        return;
      }
      if (performance.now() >= deadline) {
        failure = `was ended after ${Math.round(timeoutMs / 1000)} seconds`;
        endProcessTree(child);
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
      yield WAITING;
    }
  }
  return {
    word,
    output,
    failure: () => failure,
    stop: () => {
      if (!hasEnded(child)) endProcessTree(child);
      if (isOpen) closeSync(listing);
      isOpen = false;
    },
  };
}

function openNameless(content: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-list-'));
  try {
    const file = openSync(join(folder, 'listing'), 'wx+', 0o600);
    // The position stays at the start, where the program begins to read or write.
    if (content !== '') writeSync(file, content, 0, 'utf8');
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Also true of a program whose end Node has not noticed yet, as it does only between turns. */
function hasEnded(child: ChildProcess): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return true;
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
