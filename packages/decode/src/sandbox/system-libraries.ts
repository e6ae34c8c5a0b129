import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Libraries that packaged decoders (libvips, ONNX Runtime) load besides Node's own. */
const DECODER_LIBRARIES = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libstdc++.so.6', 'libgcc_s.so.1', 'libresolv.so.2'];
const LDD_TIMEOUT_MS = 10_000;

/**
 * The shared libraries that these programs of the host load, by the paths at which the loader looks
 * for them. The programs are ours (Node) or the system's, so that asking their loader is safe.
 * Empty when the loader gives no answer.
 */
export function listSystemLibraries(programs: readonly string[]): string[] {
  const { stdout, status } = spawnSync('ldd', programs, { encoding: 'utf8', timeout: LDD_TIMEOUT_MS, killSignal: 'SIGKILL', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
  if (status !== 0) return [];
  const found = new Set<string>();
  for (const match of stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)) if (match[1] !== undefined) found.add(match[1]);
  const libc = [...found].find((path) => path.endsWith('/libc.so.6'));
  if (libc === undefined) return [];
  for (const name of DECODER_LIBRARIES) if (existsSync(join(dirname(libc), name))) found.add(join(dirname(libc), name));
  return [...found].sort();
}
