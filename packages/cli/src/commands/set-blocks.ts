import { basename, resolve } from 'node:path';
import { buildBlockSet, type BlockSetResult } from '@kerbside/match';
import { formatCount } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { signerFrom } from '../set-keys.ts';
import { printJson, printNotice, printText } from '../output.ts';
import { printBlockSetFacts } from './block-set-lines.ts';

const USAGE =
  'kerbside set blocks OUT --from FOLDER|LIST… [--key KEYFILE] [--name NAME] [--category A|B|C] [--edition N] [--expires YYYY-MM-DD] [--allow FOLDER…] [--dense] [--json]';

/** Problems shown; the rest is counted, and `--json` has them all. */
const PROBLEMS_SHOWN = 20;

/** `kerbside set blocks`: folders and lists in, one signed block set out. */
export async function runSetBlocks(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--from', '--allow']),
    {
      from: { type: 'string', multiple: true },
      key: { type: 'string' },
      name: { type: 'string' },
      category: { type: 'string' },
      edition: { type: 'string' },
      expires: { type: 'string' },
      allow: { type: 'string', multiple: true },
      dense: { type: 'boolean' },
      format: { type: 'string' },
      json: { type: 'boolean' },
    },
    USAGE,
    [1, 1],
  );
  const from = textOptions(parsed, 'from');
  if (from.length === 0) throw wrongUse('Name at least one folder or list with --from.', USAGE);
  const category = textOption(parsed, 'category');
  const edition = textOption(parsed, 'edition');
  const expires = textOption(parsed, 'expires');
  const format = textOption(parsed, 'format');
  if (edition !== undefined && !/^\d{1,15}$/.test(edition)) throw wrongUse(`An edition is a whole number; "${edition}" is not.`, USAGE);
  const result = await buildBlockSet({
    out: parsed.positionals[0]!,
    from,
    signer: signerFrom(textOption(parsed, 'key')),
    name: textOption(parsed, 'name') ?? basename(resolve(from[0]!)),
    allow: textOptions(parsed, 'allow'),
    ...(category === undefined ? {} : { category }),
    ...(edition === undefined ? {} : { edition: Number(edition) }),
    ...(expires === undefined ? {} : { expiresAt: readDay(expires) }),
    ...(parsed.values['dense'] === true ? { sparseAboveBytes: Number.POSITIVE_INFINITY } : {}),
    ...(format === undefined ? {} : { formatOptions: { format } }),
  });
  if (parsed.values['json'] === true) printJson(result);
  else printResult(result);
  return EXIT.done;
}

/** The end of a day, UTC: a set may be used on its last day. */
function readDay(text: string): Date {
  const day = new Date(`${text}T23:59:59.999Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text)) {
    throw wrongUse(`--expires takes a day as YYYY-MM-DD; "${text}" is not one.`, USAGE);
  }
  return day;
}

function printResult(result: BlockSetResult): void {
  const { facts } = result;
  printText(`Block set "${facts.name}" written to ${result.path}, ${formatCount(result.sizeBytes)} bytes`);
  printBlockSetFacts(facts);
  if (result.doubles > 0) printText(`Doubles    ${formatCount(result.doubles)} files have the same content as another`);
  if (result.emptyFiles > 0) printText(`Empty      ${formatCount(result.emptyFiles)} files of 0 bytes are left out`);
  if (result.lists !== null) {
    const { read, rejected, withoutUsableDigest, warnings } = result.lists;
    printText(`Lists      ${formatCount(read)} rows read, ${formatCount(rejected)} rejected, ${formatCount(withoutUsableDigest)} without MD5, SHA-1 or SHA-256`);
    for (const warning of warnings) printNotice(`WARNING: ${warning}`);
  }
  if (result.problems.length > 0) printNotice(`WARNING: ${result.problems.length} files or folders could not be read and are not in the set:`);
  for (const { path, reason } of result.problems.slice(0, PROBLEMS_SHOWN)) printNotice(`  ${path}: ${reason}`);
  if (result.problems.length > PROBLEMS_SHOWN) printNotice(`  and ${result.problems.length - PROBLEMS_SHOWN} more; --json lists them all`);
}
