import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { destroyManifest, type Destroyer } from './destroy-manifest.ts';
import { openManifest } from './open-manifest.ts';
import { isExpired } from './rematch-manifests.ts';

/** What came of one manifest of a folder. */
export type ExpiryAnswer =
  | { readonly state: 'kept' | 'destroyed'; readonly path: string; readonly label: string | null; readonly expiresAt: string }
  | { readonly state: 'refused'; readonly path: string; readonly code: string; readonly reason: string };

/**
 * Manifests of a folder (`*.kman`), and of its subfolders one level down, which is where runs put them; by name.
 *
 * @throws RefusedError `manifest-folder-not-readable`
 */
export function listManifests(folder: string): string[] {
  try {
    const paths: string[] = [];
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile()) paths.push(join(folder, entry.name));
      else if (entry.isDirectory()) for (const inner of readdirSync(join(folder, entry.name), { withFileTypes: true })) if (inner.isFile()) paths.push(join(folder, entry.name, inner.name));
    }
    return paths.filter((path) => path.endsWith('.kman')).sort();
  } catch (error) {
    throw new RefusedError('manifest-folder-not-readable', `The folder ${folder} could not be listed (${(error as Error).message}). Check its name and permissions.`, {}, error);
  }
}

/**
 * Destroys the expired manifests among these and records it. One that was altered tells no date that could
 * be relied on: it is told and left alone.
 *
 * @throws RefusedError `destruction-log-not-writable`
 */
export function expireManifests(paths: readonly string[], destroyer: Destroyer, now: Date): ExpiryAnswer[] {
  return paths.map((path): ExpiryAnswer => {
    try {
      const manifest = openManifest(path);
      try {
        const { label, expiresAt } = manifest.header;
        if (!isExpired(manifest.header, now)) return { state: 'kept', path, label, expiresAt };
        destroyManifest(manifest, destroyer, now);
        return { state: 'destroyed', path, label, expiresAt };
      } finally {
        manifest.close();
      }
    } catch (error) {
      if (!(error instanceof RefusedError) || !error.code.startsWith('manifest-')) throw error;
      return { state: 'refused', path, code: error.code, reason: error.message };
    }
  });
}
