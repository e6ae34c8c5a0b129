import { describeBlockSet, readBlockSetKind, verifySet } from '@kerbside/match';
import { digestLabel, formatCount, formatUtc } from '@kerbside/triage';
import { parseArguments, spreadLists, textOptions } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printText } from '../output.ts';
import { gatherSetKeys } from '../set-keys.ts';
import { printBlockSetFacts } from './block-set-lines.ts';
import { printCategories, printNear, printTotals } from './set-lines.ts';

const USAGE = 'kerbside set info FILE [--key KEYFILE…] [--json]';

/** `kerbside set info`: what a compiled set or a block set holds and where it came from. Checks the whole file. */
export async function runSetInfo(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(spreadLists(argv, ['--key']), { key: { type: 'string', multiple: true }, json: { type: 'boolean' } }, USAGE, [1, 1]);
  const json = parsed.values['json'] === true;
  if (readBlockSetKind(parsed.positionals[0]!) === 'block-set') return showBlockSet(parsed.positionals[0]!, textOptions(parsed, 'key'), json);
  const info = await verifySet(parsed.positionals[0]!);
  if (json) {
    printJson(info);
    return EXIT.done;
  }
  const { facts } = info;
  printText(`Set        ${facts.name}`);
  printText(`Meaning    ${facts.meaning}`);
  printText(`Contents   ${formatCount(facts.rows)}${facts.rows === 0 ? ' with digests' : ': '}${Object.entries(facts.rowsWith).filter(([, count]) => count > 0).map(([kind, count]) => `${formatCount(count)} with ${digestLabel(kind)}`).join(', ')}`);
  printText(`Size gate  ${facts.rowsWithoutSize === 0 ? 'can be used: every row states its length' : `off: ${formatCount(facts.rowsWithoutSize)} rows state no length`}`);
  printText(`Made       ${formatUtc(facts.createdAt)}, format version ${facts.formatVersion}`);
  printText(`Digest     ${facts.digest}`);
  for (const source of facts.sources) printText(`Source     ${source.file} (${source.format}), ${formatCount(source.rows)} rows, SHA-256 ${source.sha256}`);
  if (info.categoryMap !== null) printText(`Map        ${info.categoryMap.sourceId} version ${info.categoryMap.version}, confirmed by ${info.categoryMap.confirmedBy} on ${formatUtc(info.categoryMap.confirmedAt)}`);
  printTotals(info.totals);
  if (info.near !== null) printNear(info.near);
  printCategories(info.categories);
  for (const warning of info.warnings) printText(`WARNING    ${warning}`);
  return EXIT.done;
}

/** Shows a block set, and whether a run with these keys would take it today. */
function showBlockSet(path: string, keyFiles: readonly string[], json: boolean): number {
  const description = describeBlockSet(path, gatherSetKeys(keyFiles), new Date());
  const { facts, fileBytes, filesWith, refusal } = description;
  if (json) {
    printJson(description);
    return EXIT.done;
  }
  printText(`Block set  ${facts.name}, ${formatCount(fileBytes)} bytes`);
  printBlockSetFacts(facts);
  printText(`File codes ${Object.entries(filesWith).filter(([, count]) => count > 0).map(([kind, count]) => `${formatCount(count)} of ${digestLabel(kind)}`).join(', ')}`);
  printText(refusal === null ? 'Use        signature good, may be used' : `Use        REFUSED by a run (${refusal.code}): ${refusal.reason}`);
  return EXIT.done;
}
