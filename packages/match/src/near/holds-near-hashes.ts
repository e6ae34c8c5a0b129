import { openSetFile } from '../compiled/set-file.ts';

/**
 * Whether a compiled set holds hashes for near-matches, from its header alone: nothing is loaded.
 * @throws RefusedError as `openSet`
 */
export function holdsNearHashes(path: string): boolean {
  const file = openSetFile(path);
  try {
    return (file.header.near?.parts.length ?? 0) > 0;
  } finally {
    file.close();
  }
}
