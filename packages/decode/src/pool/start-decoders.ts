import { RefusedError } from '@kerbside/bytes';
import { WORKER_MAIN } from '../sandbox/app-files.ts';
import { startSandboxed, type SandboxProfile } from '../sandbox/launch.ts';
import { MAX_RESIDENT_BYTES } from '../sandbox/limits.ts';
import { requireSoundSandbox } from '../sandbox/self-test.ts';
import { HANDLERS } from '../worker/handlers.ts';
import { DecoderPool } from './decoder-pool.ts';
import type { Decoders } from './decoders.ts';

export interface DecodersOptions {
  /** How many requests run at once; each worker is a process of its own. */
  readonly workers: number;
  readonly profile: SandboxProfile;
  /** Resident memory at which a worker is ended; default 1 GiB. */
  readonly memoryLimitBytes?: number;
}

const MAX_WORKERS = 64;

/**
 * Starts a pool of sandboxed workers, after the sandbox has passed its self-test.
 *
 * @throws UnsupportedError `program-not-installed` without bubblewrap, `sandbox-unsound` when the
 * self-test fails: nothing may then be decoded
 */
export async function startDecoders({ workers, profile, memoryLimitBytes }: DecodersOptions): Promise<Decoders> {
  if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS) throw new RefusedError('wrong-use', `a pool has 1 to ${MAX_WORKERS} decoders, not ${workers}`);
  await requireSoundSandbox(profile);
  return new DecoderPool({
    workers,
    memoryLimitBytes: memoryLimitBytes ?? MAX_RESIDENT_BYTES,
    canStartProcesses: profile === 'tools',
    start: () => startSandboxed(profile, WORKER_MAIN),
    hasKind: (kind) => Object.hasOwn(HANDLERS, kind),
  });
}
