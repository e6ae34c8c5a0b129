import { RefusedError } from '@kerbside/bytes';

/*
 * A cascade of boosted classifiers over local binary patterns, as OpenCV's traincascade writes it in XML. Elements used:
 * `featureType` (LBP), `width`, `height`; `stages`: for each `stageThreshold` and `weakClassifiers`, whose `internalNodes`
 * hold 0, −1, the feature's number and a subset of the 256 patterns as eight 32-bit words, and whose `leafValues` hold two
 * numbers, for patterns in the subset and out of it; `features`: for each `rect` x, y, width, height of the first of 3 × 3 cells.
 */

/** One classifier: a feature and what its pattern is worth. */
export interface WeakClassifier {
  readonly feature: number;
  /** Bit `code` of these 256 is set where the pattern counts as `inside`. */
  readonly subset: Int32Array;
  readonly inside: number;
  readonly outside: number;
}

export interface Cascade {
  /** Sides of the window in pixels. */
  readonly width: number;
  readonly height: number;
  readonly stages: readonly { readonly threshold: number; readonly classifiers: readonly WeakClassifier[] }[];
  /** x, y, width, height of each feature's first cell. */
  readonly features: Int32Array;
}

/** OpenCV lowers each threshold by this much, so that sums that are equal in writing pass. */
const THRESHOLD_SLACK = 1e-5;

/** Debian's largest cascade of this kind has 139 kB. */
export const MAX_CASCADE_BYTES = 1024 * 1024;
const MAX_WINDOW_PX = 128;
const SUBSET_WORDS = 8;

/**
 * Reads a cascade's XML. Only plain elements are looked for; it is a file of the system, not evidence, and every number is
 * checked all the same.
 *
 * @throws RefusedError `face-cascade-unusable`
 */
export function parseCascade(xml: string): Cascade {
  if (!/<featureType>\s*LBP\s*<\/featureType>/.test(xml)) throw unusable('it is not of local binary patterns');
  const [width, height] = [numbersOf(xml, 'width')[0] ?? 0, numbersOf(xml, 'height')[0] ?? 0];
  if (!isSide(width) || !isSide(height)) throw unusable('its window has no usable size');
  const rects = [...xml.matchAll(/<rect>([^<]*)<\/rect>/g)].map((match) => parseNumbers(match[1]!));
  const fits = rects.every(([x, y, w, h], index) => rects[index]!.length === 4 && [x, y, w, h].every((one) => Number.isInteger(one)) && x! >= 0 && y! >= 0 && w! > 0 && h! > 0 && x! + 3 * w! <= width && y! + 3 * h! <= height);
  if (rects.length === 0 || !fits) throw unusable('a feature lies outside its window');
  const stages = xml.split('<stageThreshold>').slice(1).map((text) => parseStage(text, rects.length));
  if (stages.length === 0) throw unusable('it has no stages');
  return { width, height, stages, features: Int32Array.from(rects.flat()) };
}

function parseStage(text: string, features: number): Cascade['stages'][number] {
  const threshold = Number.parseFloat(text);
  const nodes = [...text.matchAll(/<internalNodes>([^<]*)<\/internalNodes>\s*<leafValues>([^<]*)<\/leafValues>/g)];
  const classifiers = nodes.map((match): WeakClassifier => {
    const node = parseNumbers(match[1]!);
    const leaves = parseNumbers(match[2]!);
    const feature = node[2] ?? -1;
    if (node.length !== 3 + SUBSET_WORDS || leaves.length !== 2 || !Number.isInteger(feature) || feature < 0 || feature >= features) throw unusable('a classifier is not of the known form');
    return { feature, subset: Int32Array.from(node.slice(3)), inside: leaves[0]!, outside: leaves[1]! };
  });
  if (!Number.isFinite(threshold) || classifiers.length === 0) throw unusable('a stage is not of the known form');
  return { threshold: threshold - THRESHOLD_SLACK, classifiers };
}

function numbersOf(xml: string, element: string): number[] {
  return parseNumbers(new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? '');
}

function parseNumbers(text: string): number[] {
  const numbers = text.trim() === '' ? [] : text.trim().split(/\s+/).map(Number);
  if (numbers.some((number) => !Number.isFinite(number))) throw unusable('a number in it is none');
  return numbers;
}

function isSide(value: number): boolean {
  return Number.isInteger(value) && value >= 3 && value <= MAX_WINDOW_PX;
}

function unusable(why: string): RefusedError {
  return new RefusedError('face-cascade-unusable', `The file that faces are counted with cannot be used: ${why}. Install Debian's package opencv-data anew.`);
}
