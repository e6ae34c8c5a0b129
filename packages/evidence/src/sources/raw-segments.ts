import { RefusedError } from '@kerbside/bytes';
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The files of a raw image, in order. */
export interface RawSegments {
  readonly paths: readonly string[];
  readonly sizesBytes: readonly number[];
}

const MAX_SEGMENTS = 100_000;

/**
 * Finds all segments of a split raw image from any one of them: `.001` or `.000` upwards (width
 * three, growing past 999), or `.aa`, `.ab`, … as split(1) names them. A name outside these
 * patterns is one whole image.
 *
 * @throws RefusedError `split-segment-missing`, `split-segment-odd-size`, `source-empty`
 */
export function findRawSegments(path: string): RawSegments {
  const folder = dirname(path);
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const suffix = dot < 0 ? '' : name.slice(dot + 1);
  const stem = name.slice(0, dot + 1);
  const numbers = /^\d{3,6}$/.test(suffix) && isSeriesNumber(suffix) ? numberedSegments(folder, stem) : letteredSegments(folder, stem, suffix);
  if (numbers === null) return { paths: [path], sizesBytes: [statSync(path).size] };

  const { suffixes, missing } = numbers;
  if (missing !== '') {
    throw new RefusedError(
      'split-segment-missing',
      `segment ${stem}${missing} of the split image is missing: put all segments into one folder; if this file is a whole image of its own, give it a name that does not end in a number or .aa`,
      { path },
    );
  }
  const paths = suffixes.map((each) => join(folder, stem + each));
  const sizesBytes = paths.map((each) => statSync(each).size);
  requireEvenSizes(paths, sizesBytes);
  return { paths, sizesBytes };
}

interface Series {
  readonly suffixes: readonly string[];
  /** First suffix that should be there and is not; empty when none. */
  readonly missing: string;
}

/** `001`, `999`, `1000`, but not `0001` or `2023.` of a date that has no series around it. */
function isSeriesNumber(suffix: string): boolean {
  return suffix.length === 3 || !suffix.startsWith('0');
}

function numberedSegments(folder: string, stem: string): Series | null {
  const numbers = readdirSync(folder)
    .filter((name) => name.startsWith(stem) && /^\d{3,6}$/.test(name.slice(stem.length)) && isSeriesNumber(name.slice(stem.length)))
    .map((name) => Number(name.slice(stem.length)))
    .toSorted((a, b) => a - b);
  const first = numbers[0] === 0 ? 0 : 1;
  const last = Math.min(numbers.at(-1) ?? 0, MAX_SEGMENTS);
  // A lone four-digit suffix such as a year is not a series.
  if (first === 1 && numbers[0] !== 1 && last > 999) return null;
  const present = new Set(numbers);
  const suffixes: string[] = [];
  for (let number = first; number <= last; number++) {
    const suffix = String(number).padStart(3, '0');
    if (!present.has(number)) return { suffixes, missing: suffix };
    suffixes.push(suffix);
  }
  return { suffixes, missing: '' };
}

function letteredSegments(folder: string, stem: string, suffix: string): Series | null {
  if (!/^[a-z]{2,3}$/.test(suffix) || stem === '') return null;
  const names = new Set(readdirSync(folder));
  const width = suffix.length;
  const index = letterIndex(suffix);
  // `disk.dd` beside an unrelated `disk.aa` is no series: the neighbour before it must be there.
  if (!names.has(stem + letterSuffix(0, width)) || (index > 0 && !names.has(stem + letterSuffix(index - 1, width)))) return null;
  const all = [...names]
    .filter((name) => name.startsWith(stem) && name.length === stem.length + width && /^[a-z]+$/.test(name.slice(stem.length)))
    .map((name) => letterIndex(name.slice(stem.length)));
  const present = new Set(all);
  const suffixes: string[] = [];
  let next = 0;
  for (; present.has(next); next++) suffixes.push(letterSuffix(next, width));
  // Something just past a hole belongs to the series; `disk.dd` far away does not.
  const beyond = present.has(next + 1) && next + 1 < 26 ** width;
  return { suffixes, missing: beyond ? letterSuffix(next, width) : '' };
}

function letterIndex(suffix: string): number {
  let index = 0;
  for (const letter of suffix) index = index * 26 + (letter.charCodeAt(0) - 97);
  return index;
}

function letterSuffix(index: number, width: number): string {
  let rest = index;
  let suffix = '';
  for (let i = 0; i < width; i++) {
    suffix = String.fromCharCode(97 + (rest % 26)) + suffix;
    rest = Math.floor(rest / 26);
  }
  return suffix;
}

/** All segments but the last have one size, and the last is not larger: else a copy was cut short or files are mixed up. */
function requireEvenSizes(paths: readonly string[], sizesBytes: readonly number[]): void {
  const expected = sizesBytes[0]!;
  sizesBytes.forEach((size, index) => {
    const isLast = index === sizesBytes.length - 1;
    if (size === 0) {
      throw new RefusedError('source-empty', `segment ${basename(paths[index]!)} is empty: copy it again from the original`, { path: paths[index]! });
    }
    if (isLast ? size > expected : size !== expected) {
      throw new RefusedError(
        'split-segment-odd-size',
        `segment ${basename(paths[index]!)} has ${size} bytes where ${expected} were expected: it was cut short or belongs to another image; copy the segments again`,
        { path: paths[index]! },
      );
    }
  });
}
