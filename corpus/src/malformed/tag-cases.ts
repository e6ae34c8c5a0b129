import { putExifIntoJpeg, putExifIntoPng, putExifIntoWebp } from '../exif/put-exif.ts';
import type { MalformedCase, MalformedOutcome, MalformedSeeds } from './malformed-case.ts';

type Tag = readonly [tag: number, type: number, count: number, value: number];

const LONG = 4;

/** A little-endian block of directories at fixed places: each [offset, tags, offset of the next]. */
function block(length: number, directories: readonly (readonly [at: number, tags: readonly Tag[], next: number])[], first = 8): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(first, 4);
  for (const [at, tags, next] of directories) {
    bytes.writeUInt16LE(tags.length, at);
    tags.forEach(([tag, type, count, value], i) => {
      bytes.writeUInt16LE(tag, at + 2 + 12 * i);
      bytes.writeUInt16LE(type, at + 4 + 12 * i);
      bytes.writeUInt32LE(count, at + 6 + 12 * i);
      bytes.writeUInt32LE(value >>> 0, at + 10 + 12 * i);
    });
    bytes.writeUInt32LE(next, at + 2 + 12 * tags.length);
  }
  return bytes;
}

const EXIF = 0x8769;
const GPS = 0x8825;
const SUB = 0x14a;

/** Blocks of tags that lead astray, each with what must come of the picture they stand in: it is read all the same. */
function blocks(): (readonly [string, Buffer, MalformedOutcome])[] {
  const made: (readonly [string, Buffer, MalformedOutcome])[] = [
    ['a directory that is its own next', block(64, [[8, [[0x112, 3, 1, 6]], 8]]), 'damaged'],
    ['two directories that follow each other', block(128, [[8, [[0x112, 3, 1, 6]], 40], [40, [[0x112, 3, 1, 6]], 8]]), 'damaged'],
    ['EXIF tags that are the main directory', block(64, [[8, [[EXIF, LONG, 1, 8]], 0]]), 'damaged'],
    ['positions that are the main directory', block(64, [[8, [[GPS, LONG, 1, 8]], 0]]), 'damaged'],
    ['a sub-directory that is its parent', block(64, [[8, [[SUB, LONG, 1, 8]], 0]]), 'damaged'],
    ['EXIF tags that point at each other', block(128, [[8, [[EXIF, LONG, 1, 40]], 0], [40, [[EXIF, LONG, 1, 8]], 0]]), 'damaged'],
    ['a first directory outside', block(64, [], 0xfffffff0), 'damaged'],
    ['a first directory in its header', block(64, [], 2), 'damaged'],
    ['no directory', block(64, [], 0), 'whole'],
    ['EXIF tags outside', block(64, [[8, [[EXIF, LONG, 1, 0xffff]], 0]]), 'damaged'],
    ['a next directory outside', block(64, [[8, [[0x112, 3, 1, 6]], 0x7fffffff]]), 'damaged'],
    ['65,535 tags in 64 bytes', writeAt(block(64, [[8, [], 0]]), 8, 0xffff), 'damaged'],
    ['a directory cut short', writeAt(block(64, [[8, [], 0]]), 8, 12), 'damaged'],
    ['600 tags', writeAt(block(8 + 2 + 600 * 12 + 4, [[8, [], 0]]), 8, 600), 'damaged'],
    ['100 directories in a row', block(8 + 100 * 20, Array.from({ length: 100 }, (_, i) => [8 + i * 20, [[0x112, 3, 1, 6]], i === 99 ? 0 : 28 + i * 20] as const)), 'damaged'],
    ['a value of 2^32 bytes', block(64, [[8, [[0x10f, 2, 0xffffffff, 8]], 0]]), 'whole'],
    ['a value of 2^32 fractions', block(64, [[8, [[0x10f, 5, 0xffffffff, 8]], 0]]), 'whole'],
    ['a value outside', block(64, [[8, [[0x10f, 2, 20, 0xfffffff0]], 0]]), 'whole'],
    ['a type that does not exist', block(64, [[8, [[0x10f, 99, 1, 8]], 0]]), 'whole'],
    ['no letters in its name', block(64, [[8, [[0x10f, 2, 4, 0x01020304]], 0]]), 'whole'],
    ['an orientation of 65,535', block(64, [[8, [[0x112, 3, 1, 0xffff]], 0]]), 'whole'],
    ['a thumbnail outside', block(96, [[8, [], 20], [20, [[0x201, LONG, 1, 0xfffff], [0x202, LONG, 1, 500]], 0]]), 'whole'],
    ['a thumbnail of 2^32 bytes', block(96, [[8, [], 20], [20, [[0x201, LONG, 1, 64], [0x202, LONG, 1, 0xffffffff]], 0]]), 'whole'],
    ['a thumbnail that is no picture', block(256, [[8, [], 20], [20, [[0x201, LONG, 1, 96], [0x202, LONG, 1, 100]], 0]]), 'whole'],
    ['a thumbnail of three bytes', Buffer.concat([block(96, [[8, [], 20], [20, [[0x201, LONG, 1, 96], [0x202, LONG, 1, 3]], 0]]), Buffer.from('ffd8ff', 'hex')]), 'whole'],
    ['positions divided by zero', block(128, [[8, [[GPS, LONG, 1, 40]], 0], [40, [[2, 5, 3, 100], [4, 5, 3, 100]], 0]]), 'whole'],
    ['no byte order', Buffer.from('XX*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'), 'damaged'],
    ['nothing in it', Buffer.alloc(0), 'damaged'],
    ['seven bytes', Buffer.from('II*\0\x08\0\0', 'latin1'), 'damaged'],
  ];
  // Sub-directories that fan out: each points at all the others.
  const all = Array.from({ length: 10 }, (_, i) => 100 + i * 20);
  const fan = block(1000, [[8, [[SUB, LONG, 10, 40]], 0], ...all.map((at) => [at, [[SUB, LONG, 10, 40]], 0] as const)]);
  all.forEach((at, i) => fan.writeUInt32LE(at, 40 + 4 * i));
  made.push(['sub-directories that all point at all', fan, 'damaged']);
  return made;
}

function writeAt(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt16LE(value, at);
  return bytes;
}

/** Sound pictures that carry such blocks, in each format that can. */
export function tagCases(seeds: MalformedSeeds, widthPx: number, heightPx: number): MalformedCase[] {
  return blocks().flatMap(([what, bytes, expected]) => [
    { name: `jpeg with ${what}`, bytes: putExifIntoJpeg(seeds.jpeg, bytes), expected },
    { name: `png with ${what}`, bytes: putExifIntoPng(seeds.png, bytes), expected },
    { name: `webp with ${what}`, bytes: putExifIntoWebp(seeds.webp, bytes, widthPx, heightPx), expected },
  ]);
}
