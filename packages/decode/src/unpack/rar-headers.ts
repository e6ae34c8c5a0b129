import { UnsupportedError } from '@kerbside/bytes';

/*
 * Only what says that a RAR is encrypted or one part of several (layouts in corpus/src/archives/write-rar.ts):
 * bsdtar gives the cipher text of a stored encrypted member as its content, so this must be known before.
 * Version 4: archive header flags 0001 part, 0080 hidden headers; file header flag 0004 encrypted. Version 5: a
 * block of type 4 hides all headers; a file is encrypted by an extra record of type 1; archive flags 0001 part.
 */
type ReadAt = (offset: number, length: number) => Uint8Array;

const MAX_HEADER_BYTES = 128 * 1024;
/** Blocks looked at; a listing beyond the members' limit is not asked for. */
const MAX_BLOCKS = 200_000;

interface Block {
  readonly type: number;
  readonly length: number;
  readonly isEncrypted: boolean;
  readonly isPart: boolean;
}

/**
 * Refuses a RAR that bsdtar cannot read rightly; any other archive passes. A damaged chain of blocks ends the look: bsdtar tells it.
 * @throws UnsupportedError `archive-encrypted`, `archive-part`
 */
export function requirePlainRar(sizeBytes: number, readAt: ReadAt): void {
  const mark = Buffer.from(readAt(0, Math.min(8, sizeBytes))).toString('hex');
  if (!mark.startsWith('52617221')) return;
  const isFive = mark === '526172211a070100';
  let offset = isFive ? 8 : 7;
  for (let blocks = 0; blocks < MAX_BLOCKS && offset < sizeBytes; blocks++) {
    const bytes = Buffer.from(readAt(offset, Math.min(MAX_HEADER_BYTES, 4096, sizeBytes - offset)));
    const block = isFive ? readBlock5(bytes) : readBlock4(bytes);
    if (block === null) return;
    if (block.isEncrypted) throw new UnsupportedError('archive-encrypted', 'a RAR is encrypted, or members of it are; it was not unpacked');
    if (block.isPart) throw new UnsupportedError('archive-part', 'a RAR is one of several parts; it was not unpacked');
    offset += block.length;
  }
}

function readBlock4(bytes: Buffer): Block | null {
  if (bytes.length < 7) return null;
  const [type, flags, headerBytes] = [bytes[2]!, bytes.readUInt16LE(3), bytes.readUInt16LE(5)];
  const hasContent = (flags & 0x8000) !== 0 && bytes.length >= 11;
  const isWide = type === 0x74 && (flags & 0x0100) !== 0 && bytes.length >= 36;
  const content = hasContent ? bytes.readUInt32LE(7) + (isWide ? bytes.readUInt32LE(32) * 2 ** 32 : 0) : 0;
  if (headerBytes < 7 || type < 0x72 || type > 0x7b) return null;
  return { type, length: headerBytes + content, isEncrypted: type === 0x73 ? (flags & 0x0080) !== 0 : type === 0x74 && (flags & 0x0004) !== 0, isPart: type === 0x73 && (flags & 1) !== 0 };
}

function readBlock5(bytes: Buffer): Block | null {
  let at = 4;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
    }
    return Infinity;
  };
  const headerBytes = number();
  const start = at;
  const [type, flags] = [number(), number()];
  const extraBytes = (flags & 1) !== 0 ? number() : 0;
  const contentBytes = (flags & 2) !== 0 ? number() : 0;
  const end = start + headerBytes;
  if (!(type >= 1 && type <= 5 && headerBytes >= 2 && Number.isSafeInteger(end + contentBytes)) || bytes.length < 7) return null;
  const isPart = type === 1 && (number() & 1) !== 0;
  let isEncrypted = type === 4;
  for (at = end - extraBytes; type === 2 && at >= start && at < end && at < bytes.length; ) {
    const length = number();
    const next = at + length;
    isEncrypted ||= number() === 1;
    if (!(length >= 1)) break;
    at = next;
  }
  return { type, length: end + contentBytes, isEncrypted, isPart };
}
