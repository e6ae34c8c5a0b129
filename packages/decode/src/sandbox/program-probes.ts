import { endProcessTree } from '@kerbside/bytes';
import type { ChildProcess } from 'node:child_process';
import { startSandboxedProgram, type SandboxProfile } from './launch.ts';
import { MAX_PROCESSES } from './limits.ts';
import { readTreeUsage } from './process-usage.ts';

/** Attempts that need another program than Node. Each is a small system program, put into the very same walls. */
export interface ProgramProbe {
  readonly name: string;
  readonly programs: readonly string[];
  readonly command: readonly string[];
  /** True for an attempt that the process watch, not the kernel, has to end. */
  readonly isBomb?: boolean;
}

const BOMB_PROCESSES = 48;
/** A bomb that still stands after this has got out. */
const BOMB_STANDS_SECONDS = 0.6;
const LOOK_MS = 20;
const PROBE_TIMEOUT_MS = 20_000;

/** Each ends with 0 in the open. */
export const PROGRAM_PROBES: readonly ProgramProbe[] = [
  { name: 'make namespaces of its own', programs: ['unshare'], command: ['/usr/bin/unshare', '--user', '--map-root-user', '/usr/bin/unshare', '--version'] },
  {
    name: 'start processes without end',
    programs: ['dash', 'sleep'],
    // Ends with 0 only when all of them could be started and stood for a while.
    command: ['/usr/bin/dash', '-c', `i=0; while [ $i -lt ${BOMB_PROCESSES} ]; do /usr/bin/sleep 5 & i=$((i+1)); done; /usr/bin/sleep ${BOMB_STANDS_SECONDS}; exit $?`],
    isBomb: true,
  },
];

/** True when it got out. */
export async function runProgramProbe(profile: SandboxProfile, probe: ProgramProbe): Promise<boolean> {
  return endsWithZero(startSandboxedProgram({ profile, command: probe.command, extraPrograms: probe.programs }), probe.isBomb === true);
}

/** Ends a bomb as the pool's watch does, and anything that takes too long. */
async function endsWithZero(child: ChildProcess, isWatched: boolean): Promise<boolean> {
  const watch = setInterval(() => {
    if (isWatched && readTreeUsage(child.pid ?? 0).processes > MAX_PROCESSES) endProcessTree(child);
  }, LOOK_MS);
  const timeout = setTimeout(() => endProcessTree(child), PROBE_TIMEOUT_MS);
  try {
    child.stderr?.resume();
    return await new Promise((resolve) => {
      child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0));
    });
  } finally {
    clearInterval(watch);
    clearTimeout(timeout);
  }
}
