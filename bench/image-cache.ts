import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Raised when a recipe makes other bytes from the same parameters. */
const RECIPES_VERSION = 1;

/** Room that is left on the disk whatever the benches make. */
const SPARE_BYTES = 2 * 1024 ** 3;

function cacheFolder(): string {
  return join(tmpdir(), 'kerbside-bench-cache');
}

/**
 * A folder of bench input, made once and used again by later runs. Its name is the digest of the
 * recipe, so other parameters are another folder.
 *
 * @param recipe what is made: name and every parameter
 * @param needsBytes room it takes on the disk
 * @param make fills the folder; all random content comes from seeds in the recipe
 * @throws Error when the disk has too little room
 */
export async function cachedFolder(recipe: Readonly<Record<string, unknown>> & { readonly name: string }, needsBytes: number, make: (folder: string) => void | Promise<void>): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify([RECIPES_VERSION, recipe])).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `${recipe.name}-${digest}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  requireRoom(needsBytes);
  const unfinished = mkdtempSync(join(cacheFolder(), 'unfinished-'));
  console.error(`making ${recipe.name} …`);
  try {
    await make(unfinished);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** A new empty folder for what a bench writes; the caller deletes it. */
export function scratchFolder(needsBytes: number): string {
  mkdirSync(cacheFolder(), { recursive: true });
  requireRoom(needsBytes);
  return mkdtempSync(join(cacheFolder(), 'scratch-'));
}

export function deleteCache(): void {
  rmSync(cacheFolder(), { recursive: true, force: true });
}

function requireRoom(needsBytes: number): void {
  const { bavail, bsize } = statfsSync(cacheFolder());
  const freeBytes = bavail * bsize;
  if (freeBytes < needsBytes + SPARE_BYTES) {
    throw new Error(`${cacheFolder()} has ${Math.round(freeBytes / 1e6)} MB free and ${Math.round((needsBytes + SPARE_BYTES) / 1e6)} MB are needed. Free some, or set TMPDIR to a larger disk.`);
  }
}
