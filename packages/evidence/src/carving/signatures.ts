import { walkAvi } from './avi-walk.ts';
import { walkBoxes } from './box-walk.ts';
import { walkGif } from './gif-walk.ts';
import { walkJpeg } from './jpeg-walk.ts';
import { walkPng } from './png-walk.ts';
import type { StructureWalk } from './structure-walk.ts';
import { walkWebp } from './webp-walk.ts';

/** Bytes from a file's start that {@link walkAt} looks at. */
export const SIGNATURE_BYTES = 12;

/** What a first byte may begin: 0 nothing, 1 a kind that its first four bytes name, 2 a box, whose length comes first. */
const FIRST_BYTES = new Uint8Array(256);
// Media data may stand first in an old movie, and be of up to 2 GiB.
FIRST_BYTES.fill(2, 0, 0x80);
for (const byte of [0xff, 0x89, 0x47, 0x52]) FIRST_BYTES[byte] = 1;

/** First letters of the types that a file of boxes may begin with. */
const BOX_LETTERS = new Uint8Array(256);
for (const letter of Buffer.from('fmwsp')) BOX_LETTERS[letter] = 1;

/** The first four bytes of each kind as one little-endian number; of a box, its type. */
const WORD = {
  png: 0x474e5089,
  gif: 0x38464947,
  riff: 0x46464952,
  ftyp: 0x70797466,
  moov: 0x766f6f6d,
  mdat: 0x7461646d,
  wide: 0x65646977,
  free: 0x65657266,
  skip: 0x70696b73,
  pnot: 0x746f6e70,
} as const;
const BOX_WORDS: ReadonlySet<number> = new Set([WORD.ftyp, WORD.moov, WORD.mdat, WORD.wide, WORD.free, WORD.skip, WORD.pnot]);

/**
 * First place in `at..end` in steps of `step` where a file may begin, else `end` or more. Nearly all
 * places are turned down by one byte and a table. {@link SIGNATURE_BYTES} are looked at from each.
 */
export function findSignature(memory: Uint8Array, at: number, end: number, step: number): number {
  for (let place = at; place < end; place += step) {
    const first = FIRST_BYTES[memory[place]!]!;
    if (first === 0 || (first === 2 && BOX_LETTERS[memory[place + 4]!] === 0)) continue;
    if (walkAt(memory, place) !== null) return place;
  }
  return end;
}

/** How to walk what may begin here; null for nothing. */
export function walkAt(memory: Uint8Array, at: number): StructureWalk | null {
  const word = wordAt(memory, at);
  if ((word & 0xffffff) === 0xffd8ff) return walkJpeg;
  switch (word) {
    case WORD.png:
      return walkPng;
    case WORD.gif:
      return walkGif;
    case WORD.riff: {
      const form = Buffer.from(memory.buffer, memory.byteOffset + at + 8, 4).toString('latin1');
      return form === 'WEBP' ? walkWebp : form === 'AVI ' ? walkAvi : null;
    }
    default:
      return BOX_WORDS.has(wordAt(memory, at + 4)) ? walkBoxes : null;
  }
}

function wordAt(memory: Uint8Array, at: number): number {
  return memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24);
}
