import { createDecipheriv } from 'node:crypto';
import { KerbsideError, MalformedError, problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { feedFromPieces } from '../compressed/packed-feed.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent } from '../container.ts';
import { sourcePieces } from '../source-pieces.ts';
import { readTarStream } from '../tar/read-tar-stream.ts';
import { ANDROID_MAGIC, parseAndroidHeader, type AndroidHeader } from './android-header.ts';
import { openAndroidKey, type AndroidKey } from './android-keys.ts';
import { inflateZlib } from './inflate-zlib.ts';
import type { BackupOptions } from './read-backup.ts';

/** True for an Android backup by its first bytes. */
export function isAndroidBackup(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1', 0, ANDROID_MAGIC.length) === ANDROID_MAGIC;
}

/**
 * Lists an Android backup (`.ab`): a TAR, packed or not, encrypted or not. Paths are as adb wrote them:
 * `apps/` and a package name, then `f/`, `db/`, `sp/`, …; `shared/0/` is the phone's storage.
 * It is one stream: a member's content must be read before the next member is asked for.
 */
export async function* readAndroidBackup(source: RandomAccessSource, options: BackupOptions, budget: ContainerBudget): AsyncIterable<ContainerEvent> {
  let header: AndroidHeader;
  let key: AndroidKey | null = null;
  try {
    header = parseAndroidHeader(source);
    if (header.lock !== null) {
      const password = options.password ?? null;
      if (password === null) throw new UnsupportedError('backup-encrypted', 'the Android backup is encrypted: ask for its password and give it to read the backup');
      key = openAndroidKey(header.lock, header.version, password);
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
    return;
  }
  yield* readTarStream(unpack(source, header, key, budget), budget);
}

/** The TAR of a backup. What is unpacked counts against the budget. */
function* unpack(source: RandomAccessSource, header: AndroidHeader, key: AndroidKey | null, budget: ContainerBudget): Iterable<Uint8Array> {
  const plain = key === null ? sourcePieces(source, header.contentAt, source.sizeBytes - header.contentAt) : decrypt(source, header.contentAt, key);
  if (!header.isPacked) {
    yield* plain;
    return;
  }
  for (const piece of inflateZlib(feedFromPieces(plain))) {
    budget.countExpanded(piece.length);
    yield piece;
  }
}

function* decrypt(source: RandomAccessSource, start: number, { key, vector }: AndroidKey): Iterable<Uint8Array> {
  const decipher = createDecipheriv('aes-256-cbc', key, vector);
  const length = source.sizeBytes - start;
  // Whole blocks only: a cut backup ends in the middle of one, and everything before it is sound.
  const whole = length - (length % 16);
  for (const piece of sourcePieces(source, start, whole)) yield decipher.update(piece);
  try {
    yield decipher.final();
  } catch (cause) {
    throw new MalformedError('backup-cut-short', 'the encrypted backup does not end as one: it was cut short or damaged', { offset: source.originOffset + source.sizeBytes }, cause);
  }
  if (whole !== length) throw new MalformedError('backup-cut-short', 'the encrypted backup has bytes after its end', { offset: source.originOffset + start + whole });
}
