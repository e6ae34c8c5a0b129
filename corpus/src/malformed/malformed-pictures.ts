import { bombCases } from './bomb-cases.ts';
import { cutCases } from './cut-cases.ts';
import type { MalformedCase, MalformedSeeds } from './malformed-case.ts';
import { sideCases, wipedCases } from './shape-cases.ts';
import { tagCases } from './tag-cases.ts';

/** Named malformed picture files made of sound ones, each with what must come of it. */
export function malformedPictures(seeds: MalformedSeeds, widthPx: number, heightPx: number): MalformedCase[] {
  return [...cutCases(seeds), ...wipedCases(seeds), ...sideCases(seeds), ...tagCases(seeds, widthPx, heightPx), ...bombCases(seeds)];
}
