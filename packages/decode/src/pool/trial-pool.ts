import { APP_ROOT } from '../sandbox/app-files.ts';
import { startSandboxed, type SandboxProfile } from '../sandbox/launch.ts';
import { MAX_RESIDENT_BYTES } from '../sandbox/limits.ts';
import { DecoderPool } from './decoder-pool.ts';

/** For tests: a pool whose workers run another script of this folder than the real one. */
export function startTrialPool(options: { readonly workers?: number; readonly profile?: SandboxProfile; readonly memoryLimitBytes?: number; readonly script?: 'trial-worker' | 'lying-worker'; readonly nextArgument?: () => string }): DecoderPool {
  const { workers = 1, profile = 'picture', memoryLimitBytes = MAX_RESIDENT_BYTES, script = 'trial-worker', nextArgument = () => '' } = options;
  return new DecoderPool({
    workers,
    memoryLimitBytes,
    canStartProcesses: profile === 'tools',
    start: () => startSandboxed(profile, `${APP_ROOT}/packages/decode/src/pool/${script}.ts`, [nextArgument()]),
    hasKind: (kind) => kind === 'trial',
  });
}
