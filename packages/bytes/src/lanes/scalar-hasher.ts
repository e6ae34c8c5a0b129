import { hash } from 'node:crypto';
import { CODE_BYTES, CODE_KEY_BYTES, CODE_PURPOSE, keyedCode } from './keyed-code.ts';
import { requireBlocks, requireContents, roomFor, type LaneHasher } from './lane-hasher.ts';

const MD5_BYTES = 16;

/** The lane hasher's results from node:crypto, one by one: where there are no lanes, and for the self-test. */
export function createScalarHasher(capacityBytes: number): LaneHasher {
  const input = new Uint8Array(capacityBytes);
  let digests = new Uint8Array(0);
  let codes = new Uint8Array(0);
  let contentDigests = new Uint8Array(0);
  let digestCount = 0;
  return {
    kind: 'scalar',
    input,
    md5Blocks(at, strideBytes, blockBytes, count) {
      requireBlocks(input, at, strideBytes, blockBytes, count);
      digests = roomFor(digests, count * MD5_BYTES);
      for (let i = 0; i < count; i++) {
        const start = at + i * strideBytes;
        digests.set(hash('md5', input.subarray(start, start + blockBytes), 'buffer'), i * MD5_BYTES);
      }
      digestCount = count;
      return digests.subarray(0, count * MD5_BYTES);
    },
    codesOfBlocks(codeKey, count) {
      if (!(Number.isSafeInteger(count) && count >= 0 && count <= digestCount)) throw new RangeError(`codes of ${count} digests were asked for, and there are ${digestCount}`);
      if (codeKey.byteLength !== CODE_KEY_BYTES) throw new RangeError(`a code key has ${CODE_KEY_BYTES} bytes, not ${codeKey.byteLength}`);
      codes = roomFor(codes, count * CODE_BYTES);
      for (let i = 0; i < count; i++) codes.set(keyedCode(codeKey, CODE_PURPOSE.blockMd5, digests.subarray(i * MD5_BYTES, (i + 1) * MD5_BYTES)), i * CODE_BYTES);
      return codes.subarray(0, count * CODE_BYTES);
    },
    md5Contents(starts, lengths, count) {
      requireContents(input, starts, lengths, count);
      contentDigests = roomFor(contentDigests, count * MD5_BYTES);
      for (let i = 0; i < count; i++) contentDigests.set(hash('md5', input.subarray(starts[i], starts[i]! + lengths[i]!), 'buffer'), i * MD5_BYTES);
      return contentDigests.subarray(0, count * MD5_BYTES);
    },
  };
}
