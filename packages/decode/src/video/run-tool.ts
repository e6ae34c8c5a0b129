import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { UnsupportedError } from '@kerbside/bytes';
import { STALL_SECONDS } from './limits.ts';

/** Where Debian puts the programs; the environment of the sandbox is empty, and no other path is tried. */
const FOLDERS = ['/usr/bin', '/usr/local/bin'];

/** How a program ended. */
export interface ToolEnd {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** It was ended because it hung, or because its CPU time was over. */
  readonly outOfTime: boolean;
}

/** When a program is ended from outside. */
export interface ToolBounds {
  /** CPU seconds: for a program that has no such limit of its own. */
  readonly cpuSeconds: number | null;
  /** Grows while the program reads. */
  readonly progress: () => number;
}

/** How often a running program is looked at. */
const LOOK_MS = 500;

/**
 * Runs ffmpeg or ffprobe and hands its output on as it comes. `onOutput` may return a promise: no more is read until it resolves.
 * Throwing from it ends the program.
 *
 * @throws UnsupportedError `video-tool-missing`
 */
export async function runTool(
  program: 'ffmpeg' | 'ffprobe',
  words: readonly string[],
  bounds: ToolBounds,
  onOutput: (chunk: Uint8Array) => Promise<void> | void,
  onLog: (chunk: Uint8Array) => void,
): Promise<ToolEnd> {
  const path = FOLDERS.map((folder) => `${folder}/${program}`).find((one) => existsSync(one));
  if (path === undefined) throw missing(program);
  const child = spawn(path, words, { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  let outOfTime = false;
  let written = 0;
  let seen = -1;
  let movedMs = performance.now();
  const watch = setInterval(() => {
    const now = bounds.progress() + written;
    if (now !== seen) movedMs = performance.now();
    seen = now;
    const isHung = performance.now() - movedMs > STALL_SECONDS * 1000;
    if (!isHung && !(bounds.cpuSeconds !== null && cpuSecondsOf(child.pid) > bounds.cpuSeconds)) return;
    outOfTime = true;
    child.kill('SIGKILL');
  }, LOOK_MS);
  const ended = new Promise<ToolEnd>((resolve, reject) => {
    child.once('error', () => reject(missing(program)));
    child.once('close', (code, signal) => resolve({ code, signal, outOfTime }));
  });
  ended.catch(() => undefined);
  child.stderr.on('data', onLog);
  try {
    for await (const chunk of child.stdout) {
      written += (chunk as Uint8Array).byteLength;
      await onOutput(chunk as Uint8Array);
    }
    return await ended;
  } finally {
    clearInterval(watch);
    child.kill('SIGKILL');
  }
}

/** CPU time of a child so far, from /proc (fields 14 and 15 of `stat`, in hundredths of a second); 0 when it is gone. */
function cpuSecondsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

function missing(program: string): UnsupportedError {
  return new UnsupportedError('video-tool-missing', `videos are not examined here: the program ${program} is missing; on Debian: apt-get install ffmpeg`);
}
