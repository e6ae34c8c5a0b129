import { buildSet, type BuildResult, type ColumnMap, type SetMeaning } from '@kerbside/match';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printNotice, printText } from '../output.ts';
import { askMeaning } from './ask-meaning.ts';
import { printCategories, printTotals } from './set-lines.ts';

const USAGE = 'kerbside set build OUT --from FILE… --meaning alert|ignorable|reference [--name NAME] [--category-map FILE]';
const MEANINGS: readonly string[] = ['alert', 'ignorable', 'reference'];
const COLUMN_FIELDS = ['md5', 'sha1', 'sha256', 'ed2k', 'size', 'category'] as const;

/** `kerbside set build`: lists in, one compiled set out. */
export async function runSetBuild(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--from']),
    {
      from: { type: 'string', multiple: true },
      meaning: { type: 'string' },
      name: { type: 'string' },
      'category-map': { type: 'string' },
      format: { type: 'string' },
      column: { type: 'string', multiple: true },
      'mixed-digests': { type: 'boolean' },
      'accept-cut-off': { type: 'boolean' },
      json: { type: 'boolean' },
    },
    USAGE,
    [1, 1],
  );
  const inputs = textOptions(parsed, 'from');
  if (inputs.length === 0) throw wrongUse('Name at least one list with --from.', USAGE);
  const stated = textOption(parsed, 'meaning');
  if (stated !== undefined && !MEANINGS.includes(stated)) throw wrongUse(`There is no meaning "${stated}".`, USAGE);
  const meaning = stated === undefined ? await askMeaning() : (stated as SetMeaning);
  const name = textOption(parsed, 'name');
  const categoryMap = textOption(parsed, 'category-map');
  const format = textOption(parsed, 'format');
  const named = textOptions(parsed, 'column');
  const result = await buildSet({
    out: parsed.positionals[0]!,
    inputs,
    meaning,
    ...(name === undefined ? {} : { name }),
    ...(categoryMap === undefined ? {} : { categoryMap }),
    formatOptions: {
      ...(format === undefined ? {} : { format }),
      ...(named.length === 0 ? {} : { columns: readColumns(named) }),
      mixedDigestKinds: parsed.values['mixed-digests'] === true,
      acceptCutOff: parsed.values['accept-cut-off'] === true,
    },
  });
  if (parsed.values['json'] === true) printJson(result);
  else printResult(result);
  return EXIT.done;
}

/** `md5=Hash value` → `{ md5: 'Hash value' }` */
function readColumns(texts: readonly string[]): ColumnMap {
  const columns: Record<string, string> = {};
  for (const text of texts) {
    const [field = '', header] = text.split(/=(.*)/s, 2);
    if (header === undefined || !COLUMN_FIELDS.some((known) => known === field)) {
      throw wrongUse(`--column takes FIELD=HEADER with FIELD one of ${COLUMN_FIELDS.join(', ')}; "${text}" is not that.`, USAGE);
    }
    columns[field] = header;
  }
  return columns;
}

function printResult(result: BuildResult): void {
  printText(`Set "${result.facts.name}" written to ${result.path}`);
  printText(`Meaning of a hit: ${result.facts.meaning}. Digest of the set: ${result.facts.digest}`);
  printTotals(result.totals);
  printCategories(result.categories);
  for (const warning of result.warnings) printNotice(`WARNING: ${warning}`);
}
