import type { CategoryEntry, ImportTotals, NearFacts } from '@kerbside/match';
import { formatCount } from '@kerbside/triage';
import { printText } from '../output.ts';

/** Prints `read = accepted + duplicate + rejected`, with places for everything that was not taken as it stood. */
export function printTotals(totals: ImportTotals): void {
  printText(
    `Rows: ${formatCount(totals.read)} read = ${formatCount(totals.accepted)} accepted + ${formatCount(totals.duplicate)} duplicate + ${formatCount(totals.rejected)} rejected${totals.nearOnly === undefined ? '' : ` + ${formatCount(totals.nearOnly)} with a PDQ hash alone`}`,
  );
  for (const [heading, groups] of [['Rejected', totals.rejectedByReason], ['Taken, and odd', totals.notes]] as const) {
    for (const [reason, counted] of Object.entries(groups)) {
      const places = counted.first.map((place) => `${place.file}:${place.place}`).join(', ');
      printText(`  ${heading}: ${reason.replaceAll('-', ' ')}, ${formatCount(counted.count)} (${places}${counted.count > counted.first.length ? ', …' : ''})`);
    }
  }
}

/** Dialects as they are told to people. */
const DIALECT_WORDS = { '512nn': 'scaled to 512 first', full: 'not scaled', unknown: 'dialect not stated, asked with both' } as const;

/**
 * Prints what a set holds for finding similar pictures. Similar is not known: such a match is told apart from a hit
 * and waits for an officer.
 */
export function printNear({ parts, prunedWithin, totals }: NearFacts): void {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  printText(`Similar    ${formatCount(rows)} PDQ hashes for finding similar pictures; what is similar is not known material until an officer confirms it`);
  for (const { dialect, hashes, rows: count } of parts) printText(`  ${dialect} (${DIALECT_WORDS[dialect]}): ${formatCount(count)}, ${formatCount(hashes)} of them different`);
  printText(
    `  PDQ: ${formatCount(totals.read)} read = ${formatCount(totals.taken)} taken + ${formatCount(totals.duplicate)} duplicate + ${formatCount(totals.notComparable)} not comparable (quality below 50) + ${formatCount(totals.pruned)} frames like the one before + ${formatCount(totals.refused)} refused + ${formatCount(totals.lostWithRow)} in broken rows`,
  );
  for (const [reason, counted] of Object.entries(totals.refusedByReason)) {
    printText(`  Refused: ${reason.replaceAll('-', ' ')}, ${formatCount(counted.count)} (${counted.first.map((place) => `${place.file}:${place.place}`).join(', ')}${counted.count > counted.first.length ? ', …' : ''})`);
  }
  if (totals.withoutQuality > 0) printText(`  ${formatCount(totals.withoutQuality)} without a stated quality: some may be of pictures that cannot be compared`);
  if (totals.unbalanced > 0) printText(`  ${formatCount(totals.unbalanced)} do not have half of their bits set, as hashes of pictures do`);
  if (prunedWithin > 0) printText(`  Frames of videos were left out within ${prunedWithin} bits of the one kept before: those are found to ${31 - prunedWithin} bits`);
  if (totals.photoDna > 0) printText(`  ${formatCount(totals.photoDna)} PhotoDNA values: not compared`);
}

/** Prints each category code of the lists with its count and what it was mapped to. */
export function printCategories(categories: readonly CategoryEntry[]): void {
  for (const entry of categories) {
    if (entry.rows === 0) continue;
    const meaning = entry.category === 'unmapped' ? 'not mapped' : `${entry.category} (${entry.basis})`;
    printText(`  Category code ${entry.code === null ? '(none)' : JSON.stringify(entry.code)}: ${formatCount(entry.rows)} rows, ${meaning}`);
  }
}
