/**
 * `Manifest.mbdb` of backups before iOS 10. Big-endian; a text is a u16 length and its bytes, 0xffff for none.
 *
 * `mbdb` 5 0, then records: domain, path, link target, digest, encryption key (texts); mode u16, inode u64,
 * user u32, group u32, modified, accessed, changed u32 each, size u64, protection class u8, number of
 * properties u8, then that many pairs of texts. The content is named SHA-1 of `domain-path`.
 */
import { createHash } from 'node:crypto';
import { LimitError, MalformedError, readView, type ByteView, type RandomAccessSource } from '@kerbside/bytes';
import { kindOfMode, parseLockedKey, type BackupRecord, type RecordEvent } from './backup-record.ts';

/** Bytes of an old manifest; a full 64 GB phone had about 20 MB. */
const MAX_MBDB_BYTES = 256 * 1024 * 1024;

const NUMBERS_BYTES = 40;

export const MBDB_MAGIC = 'mbdb\x05\x00';

/**
 * The files that the manifest lists. Records carry no mark of their own: after a broken one nothing can be read.
 * @throws MalformedError `backup-manifest-damaged`, `structure-too-short`; LimitError `backup-manifest-limit`
 */
export function* readManifestMbdb(source: RandomAccessSource): Iterable<RecordEvent> {
  if (source.sizeBytes > MAX_MBDB_BYTES) throw new LimitError('backup-manifest-limit', `the manifest has ${source.sizeBytes} bytes; no more than ${MAX_MBDB_BYTES} are read`);
  const view = readView(source, 0, source.sizeBytes);
  if (!view.hasAscii(0, MBDB_MAGIC)) throw new MalformedError('backup-manifest-damaged', 'the old manifest does not begin as one');
  for (let at = MBDB_MAGIC.length; at < view.length; ) {
    const cursor = { at };
    const [domain, path, , , key] = [0, 1, 2, 3, 4].map(() => readText(view, cursor));
    const numbers = view.slice(cursor.at, NUMBERS_BYTES);
    cursor.at += NUMBERS_BYTES;
    for (let left = numbers.u8(39) * 2; left > 0; left--) readText(view, cursor);
    at = cursor.at;
    yield { type: 'record', record: recordOf(domain!, path!, key!, numbers) };
  }
}

function recordOf(domain: Buffer, path: Buffer, key: Buffer, numbers: ByteView): BackupRecord {
  const kind = kindOfMode(numbers.u16be(0));
  return {
    fileId: createHash('sha1').update(domain).update('-').update(path).digest('hex'),
    domain: domain.toString('utf8'),
    relativePath: path.toString('utf8'),
    kind,
    sizeBytes: kind === 'file' ? numbers.u64be(30) : null,
    createdSeconds: null,
    modifiedSeconds: numbers.u32be(18),
    changedSeconds: numbers.u32be(26),
    lockedKey: key.length === 0 ? null : parseLockedKey(key),
  };
}

function readText(view: ByteView, cursor: { at: number }): Buffer {
  const length = view.u16be(cursor.at);
  cursor.at += 2;
  if (length === 0xffff) return Buffer.alloc(0);
  const text = view.slice(cursor.at, length).bytes;
  cursor.at += length;
  return text;
}
