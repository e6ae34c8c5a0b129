import { verifySet } from '@kerbside/match';
import { formatCount } from '@kerbside/triage';
import { parseArguments } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';
import { printCategories, printTotals } from './set-lines.ts';

/** `kerbside set info`: what a compiled set holds and where it came from. Checks the whole file. */
export async function runSetInfo(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' } }, 'kerbside set info FILE [--json]', [1, 1]);
  const info = await verifySet(parsed.positionals[0]!);
  if (parsed.values['json'] === true) {
    printLine(JSON.stringify(info));
    return EXIT.done;
  }
  const { facts } = info;
  printLine(`Set        ${facts.name}`);
  printLine(`Meaning    ${facts.meaning}`);
  printLine(`Contents   ${formatCount(facts.rows)}: ${Object.entries(facts.rowsWith).filter(([, count]) => count > 0).map(([kind, count]) => `${formatCount(count)} with ${kind.toUpperCase()}`).join(', ')}`);
  printLine(`Size gate  ${facts.rowsWithoutSize === 0 ? 'can be used: every row states its length' : `off: ${formatCount(facts.rowsWithoutSize)} rows state no length`}`);
  printLine(`Made       ${facts.createdAt}, format version ${facts.formatVersion}`);
  printLine(`Digest     ${facts.digest}`);
  for (const source of facts.sources) printLine(`Source     ${source.file} (${source.format}), ${formatCount(source.rows)} rows, SHA-256 ${source.sha256}`);
  if (info.categoryMap !== null) printLine(`Map        ${info.categoryMap.sourceId} version ${info.categoryMap.version}, confirmed by ${info.categoryMap.confirmedBy} on ${info.categoryMap.confirmedAt}`);
  printTotals(info.totals);
  printCategories(info.categories);
  for (const warning of info.warnings) printLine(`WARNING    ${warning}`);
  return EXIT.done;
}
