import type { RandomAccessSource } from '@kerbside/bytes';
import { openContainer, readBackup, readQuickLook, readTarStream, type BackupFolder, type ContainerBudget, type ContainerEvent, type UnpackElsewhere } from '@kerbside/evidence';
import { QUICK_LOOK } from './content-kinds.ts';
import type { Content } from './content-tools.ts';
import { memberUnpacker, unpackArchive, type UnpackersByDepth } from './unpack-in-sandbox.ts';

/** What opens containers, for the lane and for stills of their members: the same readers, so that a path means the same to both. */
export interface ContainerDoors {
  /**
   * What a container holds.
   * @param kind what `sniffContent` said of it
   * @param budget of this container
   */
  openContainer(kind: string, content: Content, budget: ContainerBudget): Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>;
  /**
   * What several files side by side hold together: a phone backup, under the names its files had on the phone, or a store of thumbnails.
   * @param kind `backup/ios`, `thumbnails/quicklook`
   * @param folder gives a file of their folder by its path
   */
  openFolder(kind: string, folder: BackupFolder): Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>;
  /** Members of a TAR that comes in pieces and cannot be kept whole. */
  openTarStream(pieces: AsyncIterable<Uint8Array>, budget: ContainerBudget): AsyncIterable<ContainerEvent>;
}

/**
 * @param passwords of backups, tried in turn
 * @param unpackers start the sandboxed tools, for archives that no reader of ours opens
 */
export function createContainerDoors(passwords: readonly string[], unpackers: UnpackersByDepth): ContainerDoors {
  return {
    openContainer: (kind, content, budget) => (UNPACKED.has(kind) ? unpackArchive(unpackers, content.source, budget) : openWithPasswords(kind, content.source, budget, passwords, memberUnpacker(unpackers, budget))),
    openFolder: (kind, folder) => (kind === QUICK_LOOK ? readQuickLook(folder) : openBackupWithPasswords(folder, passwords)),
    openTarStream: readTarStream,
  };
}

/** Archives that a tool in the sandbox turns into a TAR. */
const UNPACKED: ReadonlySet<string> = new Set(['archive/rar4', 'archive/rar5']);

async function* openBackupWithPasswords(folder: BackupFolder, passwords: readonly string[]): AsyncGenerator<ContainerEvent> {
  for (const [tried, password] of [...passwords, null].entries()) {
    let isWrong = false;
    for await (const event of readBackup(folder, { password })) {
      isWrong = event.type === 'problem' && event.problem.code === 'backup-password-wrong';
      if (isWrong && tried < passwords.length - 1) break;
      yield event;
    }
    if (!isWrong || tried >= passwords.length - 1) return;
  }
}

/** The first password that opens it; with none, what it is without. */
async function* openWithPasswords(kind: string, source: RandomAccessSource, budget: ContainerBudget, passwords: readonly string[], elsewhere: UnpackElsewhere): AsyncGenerator<ContainerEvent> {
  if (kind !== 'backup/android' || passwords.length === 0) {
    yield* openContainer(kind, source, budget, null, elsewhere);
    return;
  }
  for (const [tried, password] of passwords.entries()) {
    let isWrong = false;
    for await (const event of openContainer(kind, source, budget, password)) {
      isWrong = event.type === 'problem' && event.problem.code === 'backup-password-wrong';
      if (isWrong && tried < passwords.length - 1) break;
      yield event;
    }
    if (!isWrong) return;
  }
}
