/**
 * thumbcache_*.db of Windows Vista and later (as libyal's documentation of the format has it); little-endian.
 *
 *     offset  bytes
 *          0      4  CMMM
 *          4      4  version: 20 Vista, 21 Windows 7, 26 to 30 Windows 8, 31 Windows 8.1, 32 Windows 10 and 11
 *
 *     entry:
 *          0      4  CMMM
 *          4      4  length of the entry
 *          8      8  hash that Windows' search index knows the picture by
 *         16      8  version 20 only: extension in UTF-16
 *        +16      4  length of the id
 *        +20      4  length of the padding
 *        +24      4  length of the picture
 *                 8  from version 26 on: width and height
 *                 4  not known
 *                16  checksums of picture and header: their rule is not public, they are not checked
 *                    id in UTF-16, padding, picture (JPEG, PNG or BMP)
 *
 * The header's own count is not reliable: entries are walked by their lengths, and after a damaged one the next
 * CMMM is searched, which also finds entries that Windows has given up.
 */
import { KerbsideError, LimitError, MalformedError, problemFrom, readView, type ByteView, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';
import { signatureFinder } from './signature-finder.ts';
import { MAX_STORE_MEMBERS, MAX_THUMBNAIL_BYTES, storedMember } from './stored-member.ts';

const SIGNATURE = Buffer.from('CMMM', 'latin1');
const FILE_HEAD_BYTES = 24;
const VISTA = 20;
const WITH_SIDES = 26;
const MAX_ID_BYTES = 1024;

/** Members are the pictures as they lie, called by their ids. Entries without a picture (only noted, not drawn) are none. */
export function* readThumbcache(source: RandomAccessSource): Generator<ContainerEvent> {
  try {
    yield* walkEntries(source);
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
}

function* walkEntries(source: RandomAccessSource): Generator<ContainerEvent> {
  const head = readView(source, 0, FILE_HEAD_BYTES);
  const version = head.u32(4);
  if (version < VISTA || version > 64) throw new MalformedError('thumbcache-damaged', `The thumbnail cache states version ${version}, which does not exist.`, { offset: 0 });
  let members = 0;
  let told = false;
  const findSignature = signatureFinder(source, SIGNATURE);
  let at = findSignature(FILE_HEAD_BYTES);
  while (at !== null) {
    const entry = readEntry(source, at, version);
    if (entry === null) {
      // The search goes on behind these four letters; one problem a file says enough.
      if (!told) yield { type: 'problem', problem: problemFrom(new MalformedError('thumbcache-damaged', 'An entry of the thumbnail cache is damaged or cut short; the search went on behind it.', { offset: at })) };
      told = true;
      at = findSignature(at + 4);
      continue;
    }
    if (entry.pictureBytes > 0) {
      members += 1;
      if (members > MAX_STORE_MEMBERS) throw new LimitError('thumbnails-limit', `The store holds more than ${MAX_STORE_MEMBERS} thumbnails.`, { offset: at });
      const extents = [{ kind: 'data' as const, sourceOffset: entry.pictureAt, length: entry.pictureBytes }];
      yield { type: 'member', member: storedMember(source, [{ bytes: entry.id, encoding: 'utf-16le' }], extents) };
    }
    at = findSignature(at + entry.length);
  }
}

interface Entry {
  readonly length: number;
  readonly id: Buffer;
  readonly pictureAt: number;
  readonly pictureBytes: number;
}

function readEntry(source: RandomAccessSource, at: number, version: number): Entry | null {
  const headBytes = version === VISTA || version >= WITH_SIDES ? 56 : 48;
  if (at + headBytes > source.sizeBytes) return null;
  const view: ByteView = readView(source, at, headBytes);
  const from = version === VISTA ? 24 : 16;
  const [length, idBytes, padding, pictureBytes] = [view.u32(4), view.u32(from), view.u32(from + 4), view.u32(from + 8)];
  const fits = headBytes + idBytes + padding + pictureBytes <= length && at + length <= source.sizeBytes;
  if (!fits || idBytes > MAX_ID_BYTES || pictureBytes > MAX_THUMBNAIL_BYTES) return null;
  const id = readView(source, at + headBytes, idBytes).bytes;
  // An id that is empty is named after its hash, as Windows writes it.
  const hash = Buffer.from(view.bytes.subarray(8, 16).toReversed()).toString('hex');
  return { length, id: idBytes === 0 ? Buffer.from(hash, 'utf16le') : id, pictureAt: at + headBytes + idBytes + padding, pictureBytes };
}
