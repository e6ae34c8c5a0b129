import type { CategoryEntry, ImportTotals } from '@kerbside/match';
import { formatCount } from '@kerbside/triage';
import { printText } from '../output.ts';

/** Prints `read = accepted + duplicate + rejected`, with places for everything that was not taken as it stood. */
export function printTotals(totals: ImportTotals): void {
  printText(
    `Rows: ${formatCount(totals.read)} read = ${formatCount(totals.accepted)} accepted + ${formatCount(totals.duplicate)} duplicate + ${formatCount(totals.rejected)} rejected`,
  );
  for (const [heading, groups] of [['Rejected', totals.rejectedByReason], ['Taken, and odd', totals.notes]] as const) {
    for (const [reason, counted] of Object.entries(groups)) {
      const places = counted.first.map((place) => `${place.file}:${place.place}`).join(', ');
      printText(`  ${heading}: ${reason.replaceAll('-', ' ')}, ${formatCount(counted.count)} (${places}${counted.count > counted.first.length ? ', …' : ''})`);
    }
  }
}

/** Prints each category code of the lists with its count and what it was mapped to. */
export function printCategories(categories: readonly CategoryEntry[]): void {
  for (const entry of categories) {
    if (entry.rows === 0) continue;
    const meaning = entry.category === 'unmapped' ? 'not mapped' : `${entry.category} (${entry.basis})`;
    printText(`  Category code ${entry.code === null ? '(none)' : JSON.stringify(entry.code)}: ${formatCount(entry.rows)} rows, ${meaning}`);
  }
}
