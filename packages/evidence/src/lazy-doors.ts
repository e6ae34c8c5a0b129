import type { RandomAccessSource } from '@kerbside/bytes';
import type { carveRanges } from './carving/carve-ranges.ts';
import type { BackupFolder } from './containers/backup/backup-folder.ts';
import type { BackupEvent, BackupOptions } from './containers/backup/read-backup.ts';
import type { ContainerBudget } from './containers/container-budget.ts';
import type { ContainerEvent } from './containers/container.ts';
import type { UnpackElsewhere } from './containers/unpack-elsewhere.ts';
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

/** What a container holds: see `containers/open-container.ts`. */
export async function* openContainer(kind: string, source: RandomAccessSource, budget: ContainerBudget, password: string | null, elsewhere: UnpackElsewhere | null = null): AsyncGenerator<ContainerEvent, void, undefined> {
  yield* (await import('./containers/open-container.ts')).openContainer(kind, source, budget, password, elsewhere);
}

/** What the store of thumbnails of macOS holds: see `containers/thumbnails/read-quick-look.ts`. */
export async function* readQuickLook(folder: BackupFolder): AsyncGenerator<ContainerEvent, void, undefined> {
  yield* (await import('./containers/thumbnails/read-quick-look.ts')).readQuickLook(folder);
}

/** What a TAR holds that comes in pieces: see `containers/tar/read-tar-stream.ts`. */
export async function* readTarStream(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, budget: ContainerBudget): AsyncGenerator<ContainerEvent, void, undefined> {
  yield* (await import('./containers/tar/read-tar-stream.ts')).readTarStream(pieces, budget);
}

/** What a backup of a phone holds: see `containers/backup/read-backup.ts`. */
export async function* readBackup(folder: BackupFolder, options: BackupOptions = {}): AsyncGenerator<BackupEvent, void, undefined> {
  yield* (await import('./containers/backup/read-backup.ts')).readBackup(folder, options);
}
