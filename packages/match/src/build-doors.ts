import type { buildBlockSet as BuildBlockSet, buildFromCodes as BuildFromCodes } from './blocks/build-block-set.ts';
import type { BuildResult, BuildSetOptions } from './build/build-set.ts';

/**
 * The doors to what builds sets. It loads with the first set that is built: a look-up and a reading thread
 * need none of it.
 */

/** Compiles lists to one set: see `build/build-set.ts`. */
export async function buildSet(options: BuildSetOptions): Promise<BuildResult> {
  return (await import('./build/build-set.ts')).buildSet(options);
}

/** Makes a block set of files: see `blocks/build-block-set.ts`. */
export async function buildBlockSet(...options: Parameters<typeof BuildBlockSet>): ReturnType<typeof BuildBlockSet> {
  return (await import('./blocks/build-block-set.ts')).buildBlockSet(...options);
}

/** Makes a block set of codes: see `blocks/build-block-set.ts`. */
export async function buildFromCodes(...options: Parameters<typeof BuildFromCodes>): ReturnType<typeof BuildFromCodes> {
  return (await import('./blocks/build-block-set.ts')).buildFromCodes(...options);
}
