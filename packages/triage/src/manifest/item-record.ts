/**
 * One item of a manifest, without a name or a place:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | size in bytes |
 * | 8 | 1 | bits 0–2: codes of MD5, SHA-1, SHA-256 present; bits 4–5: what became of the item, in the order of {@link ITEM_STATES} |
 * | 9 | 8 × kinds × keys | for each code key, for each kind of the header: the code, zeros where absent |
 *
 * Records are sorted by size, then byte by byte from the flags on, so that nothing of the order on the
 * device is kept.
 */
import { CODE_BYTES, CODE_PURPOSE, InternalError } from '@kerbside/bytes';
import { createCodeMaker } from './code-maker.ts';

export type CodeKind = 'md5' | 'sha1' | 'sha256';

/** Kinds of digest that have codes, in the order of their bits. */
export const CODE_KINDS: readonly CodeKind[] = ['md5', 'sha1', 'sha256'];
export const CODE_KIND_BYTES: readonly number[] = [16, 20, 32];
export const CODE_KIND_PURPOSES: readonly number[] = [CODE_PURPOSE.fileMd5, CODE_PURPOSE.fileSha1, CODE_PURPOSE.fileSha256];

export const KIND_BITS = 0x07;

/**
 * What became of an item in the run; only those that were read have codes. `gated`: not read because no
 * set of the run held the length. `problem`: could not be read whole. `unread`: the run was stopped before.
 */
export const ITEM_STATES = ['read', 'gated', 'problem', 'unread'] as const;
export type ItemState = (typeof ITEM_STATES)[number];
export type ItemCounts = Readonly<Record<ItemState, number>>;

/** An item as a run knows it. Digests belong to an item that was read. */
export interface ManifestItem {
  readonly sizeBytes: number;
  readonly state: ItemState;
  readonly md5?: Uint8Array | undefined;
  readonly sha1?: Uint8Array | undefined;
  readonly sha256?: Uint8Array | undefined;
}

const FIXED_BYTES = 9;

export interface RecordShape {
  readonly lengthBytes: number;
  /** Offset in a record of the codes under the first key, by kind in the order of `CODE_KINDS`; -1 where absent. */
  readonly codeAt: readonly number[];
  /** From a code under one key to that under the next. */
  readonly keyStride: number;
}

/** The shape of records that have codes of these kinds under so many keys. */
export function recordShape(kinds: readonly CodeKind[], keys: number): RecordShape {
  const keyStride = kinds.length * CODE_BYTES;
  let at = FIXED_BYTES;
  const codeAt = CODE_KINDS.map((kind) => {
    if (!kinds.includes(kind)) return -1;
    at += CODE_BYTES;
    return at - CODE_BYTES;
  });
  return { lengthBytes: FIXED_BYTES + keyStride * keys, codeAt, keyStride };
}

export function sizeOfRecord(bytes: Uint8Array, at: number): number {
  const low = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  const high = (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)) >>> 0;
  return high * 0x1_0000_0000 + low;
}

/** Bits of the kinds that the record has codes of. */
export function kindsOfRecord(bytes: Uint8Array, at: number): number {
  return bytes[at + 8]! & KIND_BITS;
}

export function stateOfRecord(bytes: Uint8Array, at: number): ItemState {
  return ITEM_STATES[(bytes[at + 8]! >> 4) & 3]!;
}

/** Turns items into records with room for every kind: what a run may keep of them, at any time. */
export interface ItemEncoder {
  readonly recordBytes: number;
  encode(items: readonly ManifestItem[]): Uint8Array;
}

/** @param codeKeys the keys under which codes are made, in the order of the manifest's header */
export function createItemEncoder(codeKeys: readonly Uint8Array[]): ItemEncoder {
  const shape = recordShape(CODE_KINDS, codeKeys.length);
  const makers = codeKeys.map((key) => createCodeMaker(key));
  const code = new Uint8Array(CODE_BYTES);
  const encodeOne = (item: ManifestItem, records: Uint8Array, at: number): void => {
    let flags = ITEM_STATES.indexOf(item.state) << 4;
    for (const [kind, name] of CODE_KINDS.entries()) {
      const digest = item[name];
      if (digest === undefined) continue;
      if (digest.length !== CODE_KIND_BYTES[kind] || item.state !== 'read') throw new InternalError('internal-fault', `an item ${item.state} was given a ${name} of ${digest.length} bytes`);
      flags |= 1 << kind;
      for (const [key, maker] of makers.entries()) {
        maker.codesOf(CODE_KIND_PURPOSES[kind]!, digest, digest.length, 1, code);
        records.set(code, at + shape.codeAt[kind]! + key * shape.keyStride);
      }
    }
    new DataView(records.buffer).setBigUint64(at, BigInt(item.sizeBytes), true);
    records[at + 8] = flags;
  };
  return {
    recordBytes: shape.lengthBytes,
    encode(items) {
      const records = new Uint8Array(items.length * shape.lengthBytes);
      for (const [number, item] of items.entries()) encodeOne(item, records, number * shape.lengthBytes);
      return records;
    },
  };
}

/** Order of two records of one shape: by size, then bytewise from the flags on. */
export function compareRecords(a: Uint8Array, atA: number, b: Uint8Array, atB: number, lengthBytes: number): number {
  // Sizes are little-endian: their highest byte is the last of eight.
  for (let i = 7; i >= 0; i--) if (a[atA + i] !== b[atB + i]) return a[atA + i]! - b[atB + i]!;
  for (let i = 8; i < lengthBytes; i++) if (a[atA + i] !== b[atB + i]) return a[atA + i]! - b[atB + i]!;
  return 0;
}
