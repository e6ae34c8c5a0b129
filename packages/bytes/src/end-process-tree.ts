import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process stops within microseconds, unless it is in a long call of the kernel's. */
const MAX_STOP_WAIT_MS = 50;
const STOP_LOOK_MS = 1;

/**
 * Ends a sandboxed process and all it started, whatever point of its start it has reached.
 *
 * bubblewrap ties its child to itself only near the end of its own set-up: killed alone before that,
 * it leaves a child that goes on and runs the program with nobody to end it. So it is stopped first,
 * then its children are killed (the first of them is process 1 of the sandbox, and takes all others
 * with it), then the process itself. Waits a few milliseconds at most.
 *
 * @param child one that never started or is over is left alone: its number may be another's by now
 */
export function endProcessTree(child: ChildProcess): void {
  const { pid, exitCode, signalCode } = child;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  if (!sendSignal(pid, 'SIGSTOP')) {
    // It is gone, or not to be stopped: what can be told to end is told.
    child.kill('SIGKILL');
    return;
  }
  for (let waitedMs = 0; isMoving(pid) && waitedMs < MAX_STOP_WAIT_MS; waitedMs += STOP_LOOK_MS) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOP_LOOK_MS);
  }
  for (const started of listChildren(pid)) sendSignal(started, 'SIGKILL');
  sendSignal(pid, 'SIGKILL');
}

/** True until it is stopped (T), over (Z, X) or gone. */
function isMoving(pid: number): boolean {
  try {
    return !/\) [TtZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Children that the first thread of a process started; bubblewrap has one thread. */
function listChildren(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter((word) => word !== '').map(Number);
  } catch {
    return [];
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
