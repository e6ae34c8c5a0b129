import type { carveRanges } from './carving/carve-ranges.ts';
import type { LayoutInput } from './find-volumes.ts';
import type { OpenSourceOptions } from './open-source.ts';
import type { Layout, OpenedSource, OpenImage } from './source-contract.ts';
import type { ImageVerification } from './sources/verify-image.ts';

/**
 * The doors that most modules of this room stand behind. What is behind one loads when it is first
 * gone through: a reading thread goes through none of them and starts in half the time.
 */

/** Opens a source for reading only: see `open-source.ts`. */
export async function openSource(path: string, options: OpenSourceOptions = {}): Promise<OpenedSource> {
  return (await import('./open-source.ts')).openSource(path, options);
}

/** Finds the volumes of an image, what stands on each, and the gaps between them: see `find-volumes.ts`. */
export async function findLayout(image: LayoutInput): Promise<Layout> {
  return (await import('./find-volumes.ts')).findLayout(image);
}

/** Checks an image against the digests that it holds itself: see `verify-image.ts`. */
export async function verifyImage(image: OpenImage, onProgress?: (doneBytes: number, totalBytes: number) => void): Promise<ImageVerification> {
  return (await import('./sources/verify-image.ts')).verifyImage(image, onProgress);
}

/** The search for whole files in free space: see `carving/carve-ranges.ts`. */
export async function loadCarveRanges(): Promise<typeof carveRanges> {
  return (await import('./carving/carve-ranges.ts')).carveRanges;
}
