import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compressLznt1 } from './lznt1.ts';

/** A plain decoder after MS-XCA, section 2.5.3, for checking only. */
function decompress(packed: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at + 2 <= packed.length; ) {
    const head = packed.readUInt16LE(at);
    const end = at + 2 + (head & 0xfff) + 1;
    at += 2;
    if ((head & 0x8000) === 0) {
      out.push(...packed.subarray(at, end));
      at = end;
      continue;
    }
    const start = out.length;
    while (at < end) {
      const flags = packed[at++]!;
      for (let bit = 0; bit < 8 && at < end; bit++) {
        if ((flags & (1 << bit)) === 0) {
          out.push(packed[at++]!);
          continue;
        }
        let lengthBits = 12;
        while (lengthBits > 4 && out.length - start > 1 << (16 - lengthBits)) lengthBits--;
        const word = packed.readUInt16LE(at);
        at += 2;
        const distance = (word >> lengthBits) + 1;
        for (let left = (word & ((1 << lengthBits) - 1)) + 3; left > 0; left--) out.push(out[out.length - distance]!);
      }
    }
  }
  return Buffer.from(out);
}

describe('compressLznt1', () => {
  it('gives the content back', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 9000 }), fc.array(fc.constantFrom(0, 1, 2), { maxLength: 9000 }).map((values) => Uint8Array.from(values)));
    fc.assert(
      fc.property(bytes, (unit) => assert.ok(decompress(compressLznt1(unit)).equals(unit))),
      { numRuns: 60 },
    );
  });

  it('shortens text', () => {
    const text = Buffer.from('The ball is in the net. '.repeat(2000));
    assert.ok(compressLznt1(text).length < text.length / 10);
  });
});
