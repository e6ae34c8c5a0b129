import { MAX_PRUNE_BITS } from '@kerbside/decode';
import { buildSet, PDQ_DIALECTS, type BuildResult, type BuildSetOptions, type ColumnMap, type FolderTotals, type PdqDialect, type PdqOptions, type SetMeaning } from '@kerbside/match';
import { formatCount } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { startContentHasher } from '../hash-content.ts';
import { printJson, printNotice, printText } from '../output.ts';
import { askMeaning } from './ask-meaning.ts';
import { printCategories, printNear, printTotals } from './set-lines.ts';

const USAGE =
  'kerbside set build OUT --from FILE… | --from-folder FOLDER… --meaning alert|ignorable|reference [--name NAME] [--category-map FILE] [--folder-code CODE] [--pdq-dialect 512nn|full|unknown] [--pdq-reverse-words] [--pdq-prune BITS]';
/** Problems shown of each kind. */
const PROBLEMS_SHOWN = 20;

const MEANINGS: readonly string[] = ['alert', 'ignorable', 'reference'];
const COLUMN_FIELDS = ['md5', 'sha1', 'sha256', 'ed2k', 'size', 'category', 'pdq', 'quality', 'dialect', 'media-id', 'series'] as const;

/** `kerbside set build`: lists in, one compiled set out. */
export async function runSetBuild(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--from', '--from-folder']),
    {
      from: { type: 'string', multiple: true },
      meaning: { type: 'string' },
      name: { type: 'string' },
      'category-map': { type: 'string' },
      format: { type: 'string' },
      column: { type: 'string', multiple: true },
      'mixed-digests': { type: 'boolean' },
      'accept-cut-off': { type: 'boolean' },
      'from-folder': { type: 'string', multiple: true },
      'folder-code': { type: 'string' },
      'pdq-dialect': { type: 'string' },
      'pdq-reverse-words': { type: 'boolean' },
      'pdq-prune': { type: 'string' },
      json: { type: 'boolean' },
    },
    USAGE,
    [1, 1],
  );
  const inputs = textOptions(parsed, 'from');
  const folders = textOptions(parsed, 'from-folder');
  if (inputs.length + folders.length === 0) throw wrongUse('Name at least one list with --from, or a folder with --from-folder.', USAGE);
  const pdq = readPdqOptions(textOption(parsed, 'pdq-dialect'), textOption(parsed, 'pdq-prune'), parsed.values['pdq-reverse-words'] === true);
  const stated = textOption(parsed, 'meaning');
  if (stated !== undefined && !MEANINGS.includes(stated)) throw wrongUse(`There is no meaning "${stated}".`, USAGE);
  const meaning = stated === undefined ? await askMeaning() : (stated as SetMeaning);
  const name = textOption(parsed, 'name');
  const categoryMap = textOption(parsed, 'category-map');
  const format = textOption(parsed, 'format');
  const named = textOptions(parsed, 'column');
  const folderCode = textOption(parsed, 'folder-code');
  const result = await buildWithFolders(folders, folderCode, pdq.pruneWithin, {
    out: parsed.positionals[0]!,
    inputs,
    meaning,
    ...(name === undefined ? {} : { name }),
    ...(categoryMap === undefined ? {} : { categoryMap }),
    pdq,
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

/** Builds, with the sandbox beside it when there are folders to be hashed. */
async function buildWithFolders(folders: readonly string[], categoryCode: string | undefined, pruneBits: number | undefined, options: BuildSetOptions): Promise<BuildResult> {
  if (folders.length === 0) return buildSet(options);
  const hasher = await startContentHasher(pruneBits);
  try {
    return await buildSet({ ...options, fromFolders: { folders, hashContent: hasher.hash, ...(categoryCode === undefined ? {} : { categoryCode }) } });
  } finally {
    await hasher.close();
  }
}

function readPdqOptions(dialect: string | undefined, prune: string | undefined, reverseWords: boolean): PdqOptions {
  if (dialect !== undefined && !PDQ_DIALECTS.some((known) => known === dialect)) throw wrongUse(`There is no PDQ dialect "${dialect}".`, USAGE);
  if (prune !== undefined && !(/^\d{1,2}$/.test(prune) && Number(prune) <= MAX_PRUNE_BITS)) throw wrongUse(`--pdq-prune takes 0 to ${MAX_PRUNE_BITS} bits; "${prune}" is not that.`, USAGE);
  return {
    reverseWords,
    ...(dialect === undefined ? {} : { dialect: dialect as PdqDialect }),
    ...(prune === undefined ? {} : { pruneWithin: Number(prune) }),
  };
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
  if (result.folders !== null) printFolders(result.folders);
  if (result.near !== null) printNear(result.near);
  printCategories(result.categories);
  for (const warning of result.warnings) printNotice(`WARNING: ${warning}`);
}

function printFolders(totals: FolderTotals): void {
  printText(
    `Files      ${formatCount(totals.files)}: ${formatCount(totals.pictures)} pictures, ${formatCount(totals.videos)} videos, ${formatCount(totals.notHashed.length)} by their digests alone, ${formatCount(totals.leftOut)} neither picture nor video, ${formatCount(totals.emptyFiles)} empty`,
  );
  for (const [heading, problems] of [['Not decoded', totals.notHashed], ['Not read', totals.unreadable]] as const) {
    for (const { path, reason } of problems.slice(0, PROBLEMS_SHOWN)) printNotice(`  ${heading}: ${path}: ${reason}`);
    if (problems.length > PROBLEMS_SHOWN) printNotice(`  and ${problems.length - PROBLEMS_SHOWN} more; --json lists them all`);
  }
}
