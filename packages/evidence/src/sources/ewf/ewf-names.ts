import { RefusedError } from '@kerbside/bytes';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Segment names of EWF: `.E01` … `.E99`, `.EAA` … `.EZZ`, `.FAA` … `.ZZZ` (`.s01` … for SMART); the
 * case of the first letter is kept.
 */

/** Past `.ZZZ` there is no name: 99 + 22 × 676 for `E`. */
const MAX_SEGMENTS = 99 + 22 * 26 * 26;

/** Extension for a segment number from 1, written in the manner of `first` (its first letter decides). */
export function segmentExtension(first: string, number: number): string {
  if (number <= 99) return first[0]! + String(number).padStart(2, '0');
  const index = number - 100;
  const upper = first[0] === first[0]!.toUpperCase();
  const a = upper ? 65 : 97;
  return String.fromCharCode(first.charCodeAt(0) + Math.floor(index / 676), a + (Math.floor(index / 26) % 26), a + (index % 26));
}

/** The number that an extension stands for, or 0 when it is no EWF segment name of the series of `letter`. */
export function segmentNumber(letter: string, extension: string): number {
  if (extension.length !== 3) return 0;
  if (/^\d\d$/.test(extension.slice(1))) return extension[0] === letter ? Number(extension.slice(1)) : 0;
  const upper = letter === letter.toUpperCase();
  if (!(upper ? /^[A-Z]{3}$/ : /^[a-z]{3}$/).test(extension)) return 0;
  const a = upper ? 65 : 97;
  const first = extension.charCodeAt(0) - letter.charCodeAt(0);
  if (first < 0) return 0;
  return 100 + first * 676 + (extension.charCodeAt(1) - a) * 26 + (extension.charCodeAt(2) - a);
}

/** True for names such as `x.E01`, `x.e02`, `x.s01`. */
export function hasEwfName(path: string): boolean {
  return /\.[eEsS](\d\d)$/.test(path);
}

/**
 * All segments of an E01 from any one of them, in order of number.
 *
 * @throws RefusedError `ewf-segment-missing`
 */
export function findEwfSegments(path: string): string[] {
  const folder = dirname(path);
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot + 1);
  if (dot < 0 || extension.length !== 3) return [path];
  const names = readdirSync(folder).filter((each) => each.startsWith(name.slice(0, dot + 1)));
  // `.EAA` and later do not say which letter the series began with: take the first-segment name that is there.
  const letter = /\d\d$/.test(extension) ? extension[0]! : (['E', 'e', 'S', 's'].find((each) => names.includes(`${name.slice(0, dot)}.${each}01`)) ?? '');
  if (letter === '') return [path];
  const numbers = new Set(names.map((each) => segmentNumber(letter, each.slice(dot + 1))).filter((number) => number > 0 && number <= MAX_SEGMENTS));
  const highest = Math.max(...numbers, 1);
  const paths: string[] = [];
  for (let number = 1; number <= highest; number++) {
    const segment = `${name.slice(0, dot)}.${segmentExtension(letter, number)}`;
    if (!numbers.has(number)) {
      // A three-letter name far past the series (`disk.EXE`, `disk.ISO`) is some other file.
      if (number > 99 || ![...numbers].some((each) => each > number && each <= 99)) break;
      throw new RefusedError('ewf-segment-missing', `segment ${segment} of the E01 image is missing: put all segments into one folder and try again`, { path });
    }
    paths.push(join(folder, segment));
  }
  return paths;
}
