/*
 * TAR header block (POSIX.1-1988 ustar; GNU tar manual, "Basic Tar Format"). Numbers are octal text, or base 256
 * when the first bit is set.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 100 | name |
 * | 100 | 8 | mode |
 * | 124 | 12 | size |
 * | 136 | 12 | modified |
 * | 148 | 8 | checksum: the sum of all bytes, these eight as spaces |
 * | 156 | 1 | type |
 * | 157 | 100 | link target |
 * | 257 | 8 | `ustar\0` `00` (POSIX) or `ustar  \0` (GNU) |
 * | 345 | 155 | start of the name (POSIX) |
 * | 345, 357 | 12 each | accessed, changed (GNU) |
 * | 386 | 4 × 24 | sparse runs: offset, length (GNU, type `S`); 482 more follow, 483 whole size |
 */
export const BLOCK_BYTES = 512;
export const OLD_SPARSE_RUNS = 4;
export const EXTENSION_SPARSE_RUNS = 21;

export interface TarHeader {
  readonly name: Buffer;
  readonly type: string;
  readonly sizeBytes: number;
  readonly modified: number;
  readonly isGnu: boolean;
  readonly block: Buffer;
}

/**
 * Reads a header block.
 * @param needsMagic true while searching in damaged bytes, where a block without `ustar` is no proof of anything
 * @returns null when it is none: its checksum is wrong, or its size is no number
 */
export function readTarHeader(block: Buffer, needsMagic = false): TarHeader | null {
  const magic = block.toString('latin1', 257, 262);
  if ((needsMagic && magic !== 'ustar') || !hasRightSum(block)) return null;
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156]!);
  const sizeBytes = readNumber(block, 124, 12);
  if (sizeBytes < 0) return null;
  const isGnu = block[262] === 0x20;
  const name = untilZero(block, 0, 100);
  const prefix = magic === 'ustar' && !isGnu ? untilZero(block, 345, 155) : Buffer.alloc(0);
  return {
    name: Buffer.from(prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name])),
    type,
    sizeBytes,
    modified: readNumber(block, 136, 12),
    isGnu,
    block: Buffer.from(block),
  };
}

/** Old writers summed signed bytes; both are accepted. */
function hasRightSum(block: Buffer): boolean {
  let sum = 256;
  let signed = 256;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i]!;
    sum += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const stated = readNumber(block, 148, 8);
  return stated === sum || stated === signed;
}

/** A number of a header; -1 when there is none, or a negative one. */
export function readNumber(block: Buffer, at: number, length: number): number {
  const first = block[at]!;
  if ((first & 0x80) !== 0) {
    if (first !== 0x80) return -1;
    let value = 0;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + block[i]!;
    return Number.isSafeInteger(value) ? value : -1;
  }
  const text = block.toString('latin1', at, at + length).replace(/[\0 ]+$/, '').trimStart();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : -1;
}

export function untilZero(bytes: Buffer, at: number, length: number): Buffer {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

export function isZeroBlock(block: Buffer): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false;
  return true;
}
