import type { CarvedKind } from './carving-limits.ts';
import type { RunPages } from './run-pages.ts';

/**
 * What walking a structure came to.
 * - `whole`: from its first byte to `end` (an offset on the source), with nothing missing
 * - `not-it`: the first bytes looked like the kind and nothing after them does
 * - `incomplete`: it begins as the kind does, then its structure breaks or leaves the free space
 * - `too-long`, `too-many-parts`: a limit of carving-limits.ts was reached
 */
export type WalkOutcome =
  | { readonly outcome: 'whole'; readonly kind: CarvedKind; readonly extension: string; readonly end: number }
  | { readonly outcome: 'not-it' | 'incomplete' | 'too-long' | 'too-many-parts'; readonly kind: CarvedKind };

/**
 * Walks one structure from `start` on. Yields after each page or so of bytes looked at, so that a long
 * file does not hold up a stop or the progress line. Never throws on evidence.
 */
export type StructureWalk = (pages: RunPages, start: number) => Generator<void, WalkOutcome, undefined>;
