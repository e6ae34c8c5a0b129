import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { RefusedError, syncFolder, writeFully } from '@kerbside/bytes';
import { unfinishedDestructions, type DestructionEntry, type DestructionLog } from './destruction-log.ts';
import { openManifest, type OpenManifest } from './open-manifest.ts';

/** Who destroys, and where it is recorded. */
export interface Destroyer {
  readonly log: DestructionLog;
  /** Login name. */
  readonly by: string;
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Destroys a manifest: recorded as intended, given a name under which nothing asks it, overwritten with zeros,
 * removed, recorded as done; each step durable before the next. After a kill {@link completeDestructions} goes on.
 *
 * @returns SHA-256 of the file, as it stands in the record
 * @throws RefusedError `destruction-log-not-writable`, `manifest-not-destroyed`
 */
export function destroyManifest(manifest: OpenManifest, { log, by }: Destroyer, now: Date): string {
  const fileDigest = digestOf(manifest);
  const { runId, label, expiresAt } = manifest.header;
  const intent: DestructionEntry = { state: 'intent', runId, label, fileDigest, path: resolve(manifest.path), expiresAt, at: now.toISOString(), by };
  log.append(intent);
  carryOut(intent, log, by, now);
  return fileDigest;
}

/**
 * Completes destructions that were interrupted after they were recorded as intended.
 *
 * @returns those that were completed
 * @throws RefusedError as {@link destroyManifest}
 */
export function completeDestructions({ log, by }: Destroyer, now: Date): DestructionEntry[] {
  const unfinished = unfinishedDestructions(log);
  for (const intent of unfinished) carryOut(intent, log, by, now);
  return unfinished;
}

function carryOut(intent: DestructionEntry, log: DestructionLog, by: string, now: Date): void {
  const { path, fileDigest } = intent;
  const condemned = `${path}.${fileDigest.slice(0, 16)}.destroying`;
  let how: DestructionEntry['how'] = 'already-gone';
  try {
    if (!existsSync(condemned)) {
      const there = digestOfFile(path);
      if (there === fileDigest) {
        renameSync(path, condemned);
        syncFolder(dirname(path));
      } else if (there !== null) how = 'another-file-stands-there';
    }
    if (existsSync(condemned)) {
      overwrite(condemned);
      rmSync(condemned);
      syncFolder(dirname(path));
      how = 'overwritten-and-removed';
    }
  } catch (error) {
    throw new RefusedError('manifest-not-destroyed', `The expired manifest ${path} could not be destroyed (${(error as Error).message}). It is not asked. Run the command again as a user who may write there.`, {}, error);
  }
  log.append({ ...intent, state: 'done', at: now.toISOString(), by, how });
}

function overwrite(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const zeros = Buffer.alloc(PIECE_BYTES);
    const { size } = fstatSync(file);
    for (let at = 0; at < size; at += PIECE_BYTES) writeFully(file, zeros.subarray(0, Math.min(PIECE_BYTES, size - at)), at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of a manifest's file, null where there is none, and empty for a file that is no intact manifest. */
function digestOfFile(path: string): string | null {
  let manifest: OpenManifest;
  try {
    manifest = openManifest(path);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'manifest-not-found') return null;
    if (error instanceof RefusedError && error.code !== 'manifest-not-readable') return '';
    throw error;
  }
  try {
    return digestOf(manifest);
  } finally {
    manifest.close();
  }
}

function digestOf(manifest: OpenManifest): string {
  const digest = createHash('sha256');
  for (const piece of manifest.wholeFile()) digest.update(piece);
  return digest.digest('hex');
}
