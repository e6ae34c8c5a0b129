import { PIECE_BYTES } from './piece-buffers.ts';
import type { PackedFeed } from './packed-feed.ts';
import { damaged, LzmaDecoder } from './lzma-decoder.ts';

/**
 * Unpacks one raw LZMA stream.
 * @param sizeBytes length of the content; -1 when only its end mark says
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `lzma-damaged`; LimitError `lzma-dictionary-limit`
 */
export function* unlzmaFeed(feed: PackedFeed, properties: number, dictionaryBytes: number, sizeBytes: number): Generator<Uint8Array, void, undefined> {
  const decoder = new LzmaDecoder(feed, dictionaryBytes);
  decoder.setProperties(properties, 12);
  decoder.startCoder();
  let left = sizeBytes < 0 ? Infinity : sizeBytes;
  while (left > 0 && !decoder.hasEnded) {
    const count = Math.min(decoder.room(), PIECE_BYTES, left);
    const start = decoder.position;
    decoder.decode(count);
    const piece = decoder.made(start);
    left -= piece.length;
    if (piece.length > 0) yield piece;
  }
  if (sizeBytes >= 0 && left > 0) throw damaged('ends before its stated length');
}

/**
 * Unpacks LZMA2 chunks to their end mark: `00` end; `01`, `02` stored (01 forgets the dictionary), u16 length - 1;
 * from `80` LZMA: bits 0-4 and u16 length - 1, u16 packed length - 1, bits 5-6 what is reset, then maybe properties.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `lzma-damaged`; LimitError `lzma-dictionary-limit`
 */
export function* unlzma2Feed(feed: PackedFeed, dictionaryBytes: number): Generator<Uint8Array, void, undefined> {
  const decoder = new LzmaDecoder(feed, dictionaryBytes);
  let needsDictionary = true;
  let needsState = true;
  for (;;) {
    const control = feed.byte();
    if (control === 0) return;
    if (control < 0) throw damaged('is cut short');
    if (control > 2 && control < 0x80) throw damaged('has a chunk of an unknown kind');
    const isStored = control < 0x80;
    const reset = isStored ? 0 : (control >> 5) & 3;
    if (control === 1 || reset === 3) {
      decoder.resetDictionary();
      needsDictionary = false;
      needsState = true;
    } else if (needsDictionary) {
      throw damaged('begins without a dictionary');
    }
    const sizeBytes = ((isStored ? 0 : control & 0x1f) << 16) + readU16(feed) + 1;
    const packedBytes = isStored ? sizeBytes : readU16(feed) + 1;
    if (!isStored) {
      if (reset >= 2) decoder.setProperties(feed.byte(), 4);
      else if (reset === 1 && decoder.hasProperties) decoder.resetState();
      else if (needsState) throw damaged('has a chunk without properties');
      needsState = false;
    }
    const end = feed.position + packedBytes;
    if (!isStored) decoder.startCoder();
    for (let left = sizeBytes; left > 0; ) {
      const count = Math.min(decoder.room(), PIECE_BYTES, left);
      const start = decoder.position;
      if (isStored) decoder.copyStored(count);
      else decoder.decode(count);
      if (decoder.hasEnded || decoder.position !== start + count) throw damaged('has an end mark where none may be');
      left -= count;
      yield decoder.made(start);
    }
    if (feed.position !== end || decoder.hasPending || (!isStored && !decoder.isCoderSpent)) throw damaged('has a chunk that is not as long as it says');
  }
}

function readU16(feed: PackedFeed): number {
  const [high, low] = [feed.byte(), feed.byte()];
  if (low < 0) throw damaged('is cut short');
  return (high << 8) | low;
}
