import { verifySet } from '@kerbside/match';
import { digestLabel, formatCount, formatUtc } from '@kerbside/triage';
import { parseArguments } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printText } from '../output.ts';
import { printCategories, printTotals } from './set-lines.ts';

/** `kerbside set info`: what a compiled set holds and where it came from. Checks the whole file. */
export async function runSetInfo(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' } }, 'kerbside set info FILE [--json]', [1, 1]);
  const info = await verifySet(parsed.positionals[0]!);
  if (parsed.values['json'] === true) {
    printJson(info);
    return EXIT.done;
  }
  const { facts } = info;
  printText(`Set        ${facts.name}`);
  printText(`Meaning    ${facts.meaning}`);
  printText(`Contents   ${formatCount(facts.rows)}: ${Object.entries(facts.rowsWith).filter(([, count]) => count > 0).map(([kind, count]) => `${formatCount(count)} with ${digestLabel(kind)}`).join(', ')}`);
  printText(`Size gate  ${facts.rowsWithoutSize === 0 ? 'can be used: every row states its length' : `off: ${formatCount(facts.rowsWithoutSize)} rows state no length`}`);
  printText(`Made       ${formatUtc(facts.createdAt)}, format version ${facts.formatVersion}`);
  printText(`Digest     ${facts.digest}`);
  for (const source of facts.sources) printText(`Source     ${source.file} (${source.format}), ${formatCount(source.rows)} rows, SHA-256 ${source.sha256}`);
  if (info.categoryMap !== null) printText(`Map        ${info.categoryMap.sourceId} version ${info.categoryMap.version}, confirmed by ${info.categoryMap.confirmedBy} on ${formatUtc(info.categoryMap.confirmedAt)}`);
  printTotals(info.totals);
  printCategories(info.categories);
  for (const warning of info.warnings) printText(`WARNING    ${warning}`);
  return EXIT.done;
}
