/** Known material for the benches of the survey, and a way to find its blocks on an image that shares no code with the survey. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync, openSync, readSync, closeSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createLaneHasher } from '@kerbside/bytes';
import { makeDocument, makeMedia, makePicture, makePseudoVideo, makeRandom, MEDIA_KINDS } from '@kerbside/corpus';
import { attachBlockSet, buildBlockSet, openBlockSet, type BlockSet } from '@kerbside/match';
import { BENCH_SET_DATE, BENCH_SIGNER } from './block-set-recipe.ts';
import { cachedFolder } from './image-cache.ts';

const BLOCK_BYTES = 4096;

/** Long enough to be indexed one block in eight. */
const LONG_VIDEO_BYTES = 36 * 1024 * 1024 + 1234;

/** Known files and the set that was made from them. */
export interface KnownMaterial {
  readonly names: readonly string[];
  readonly set: BlockSet;
  readonly setPath: string;
  readonly read: (name: string) => Buffer;
}

/** `count` pictures, documents and media files, and two long videos, as a block set of theirs. */
export async function knownMaterial(count: number): Promise<KnownMaterial> {
  const folder = await cachedFolder({ name: 'known-files', count, seed: 73 }, count * 100_000 + 4 * LONG_VIDEO_BYTES, async (into) => {
    const files = join(into, 'files');
    mkdirSync(files);
    for (let number = 0; number < count; number++) writeFileSync(join(files, `known ${number}`), knownFile(number));
    for (const seed of [1, 2]) writeFileSync(join(files, `long ${seed}`), Buffer.concat([...makePseudoVideo(7300 + seed, LONG_VIDEO_BYTES).chunks()]));
    await buildBlockSet({ out: join(into, 'known.kblocks'), from: [files], name: 'known', signer: BENCH_SIGNER, createdAt: BENCH_SET_DATE, expiresAt: new Date('2100-01-01T00:00:00Z') });
  });
  const setPath = join(folder, 'known.kblocks');
  const files = join(folder, 'files');
  return { names: readdirSync(files).sort(), set: openBlockSet(setPath, [BENCH_SIGNER], BENCH_SET_DATE), setPath, read: (name) => readFileSync(join(files, name)) };
}

function knownFile(number: number): Buffer {
  const seed = 73_000_000 + number;
  const random = makeRandom(seed);
  const side = 160 + random.below(320);
  switch (number % 6) {
    case 0:
    case 1:
    case 2:
      return makePicture({ kind: 'jpeg', seed, widthPx: side, heightPx: Math.round(side * 0.75), grain: 0.3 });
    case 3:
      return makePicture({ kind: number % 4 === 0 ? 'gif' : 'png', seed, widthPx: side, heightPx: Math.round(side * 0.75), grain: 0.1 });
    case 4:
      return makeDocument((['text', 'csv', 'rtf', 'html'] as const)[(number >> 3) % 4]!, seed, 8000 + random.below(90_000));
    default:
      return makeMedia({ kind: MEDIA_KINDS[(number >> 3) % MEDIA_KINDS.length]!, seed, widthPx: side, heightPx: Math.round(side * 0.75), frames: 3 });
  }
}

/** Every place of an image, at any byte, that holds an indexed block of the known files. */
export interface IndexedBlocks {
  readonly count: number;
  placesOn(imagePath: string): number[];
}

/** Where in a block the four bytes stand by which candidates are told: its beginning is often the same in many. */
const PROBE_AT = 1000;
const PIECE_BYTES = 8 << 20;

/** Finds blocks by comparing bytes: no grid, no chunks, no codes. */
export function indexedBlocksOf({ names, read, set }: KnownMaterial): IndexedBlocks {
  const lookup = attachBlockSet(set.shared);
  const byProbe = new Map<number, Buffer[]>();
  const isProbe = new Uint8Array(1 << 24);
  let indexed = 0;
  for (const name of names) {
    const content = read(name);
    const blocks = Math.floor(content.length / BLOCK_BYTES);
    const hasher = createLaneHasher(Math.max(1, blocks) * BLOCK_BYTES);
    hasher.input.set(content.subarray(0, blocks * BLOCK_BYTES));
    hasher.md5Blocks(0, BLOCK_BYTES, BLOCK_BYTES, blocks);
    const numbers = new Uint32Array(blocks);
    const found = lookup.find(hasher.codesOfBlocks(lookup.codeKey, blocks), blocks, numbers, new Uint32Array(blocks));
    for (const number of numbers.subarray(0, found)) {
      const block = content.subarray(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES);
      const probe = block.readUInt32LE(PROBE_AT);
      const same = byProbe.get(probe) ?? [];
      byProbe.set(probe, same);
      same.push(block);
      isProbe[probe & 0xff_ffff] = 1;
      indexed += 1;
    }
  }
  return {
    count: indexed,
    placesOn(imagePath) {
      const places: number[] = [];
      const file = openSync(imagePath, 'r');
      const { size } = statSync(imagePath);
      const bytes = Buffer.alloc(PIECE_BYTES + BLOCK_BYTES);
      for (let from = 0; from < size; from += PIECE_BYTES) {
        const length = readSync(file, bytes, 0, bytes.length, from);
        for (let at = 0; at < PIECE_BYTES && at + BLOCK_BYTES <= length; at++) {
          const probe = at + PROBE_AT;
          if (isProbe[bytes[probe]! | (bytes[probe + 1]! << 8) | (bytes[probe + 2]! << 16)] === 0) continue;
          if (byProbe.get(bytes.readUInt32LE(probe))?.some((block) => bytes.compare(block, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) === 0) === true) places.push(from + at);
        }
      }
      closeSync(file);
      return places;
    },
  };
}
