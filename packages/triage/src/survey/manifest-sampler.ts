import { CODE_BYTES, type LaneHasher } from '@kerbside/bytes';
import { BLOCK_SET_BLOCK_BYTES, ContentRules } from '@kerbside/match';
import { isSampled } from '../manifest/block-sample.ts';

/** Keeps a sample of the codes of the probative blocks that a batch reads, under each key of the manifest. */
export interface ManifestSampler {
  readonly isWanted: boolean;
  /** Takes the blocks that the hasher's last `md5Blocks` hashed; they begin at `first` in `bytes`. */
  add(hasher: LaneHasher, bytes: Buffer, first: number, count: number): void;
  /** The codes kept, 8 bytes each, one array a key. */
  codes(): Uint8Array[];
}

export function createManifestSampler(keys: readonly Uint8Array[]): ManifestSampler {
  const kept = keys.map((): Buffer[] => []);
  const rules = new ContentRules();
  const words = new Uint32Array(BLOCK_SET_BLOCK_BYTES / 4);
  const block = new Uint8Array(words.buffer);
  return {
    isWanted: keys.length > 0,
    add(hasher, bytes, first, count) {
      for (const [index, key] of keys.entries()) {
        const codes = hasher.codesOfBlocks(key, count);
        for (let number = 0; number < count; number++) {
          if (!isSampled(codes, number * CODE_BYTES)) continue;
          const at = first + number * BLOCK_SET_BLOCK_BYTES;
          block.set(bytes.subarray(at, at + BLOCK_SET_BLOCK_BYTES));
          if (rules.findFault(words, 0) === null) kept[index]!.push(Buffer.from(codes.subarray(number * CODE_BYTES, (number + 1) * CODE_BYTES)));
        }
      }
    },
    codes: () => kept.map((codes) => Buffer.concat(codes)),
  };
}
