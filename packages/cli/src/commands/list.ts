import { listItems } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';

const USAGE = 'kerbside list SOURCE [--hash md5,sha1,sha256] [--json]';
const DIGESTS = ['md5', 'sha1', 'sha256'] as const;
type ListDigest = (typeof DIGESTS)[number];

/** `kerbside list`: every item of a source, one line each. */
export async function runListCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { hash: { type: 'string' }, json: { type: 'boolean' } }, USAGE, [1, 1]);
  const digests = readDigestNames(textOption(parsed, 'hash'));
  const sourcePath = parsed.positionals[0]!;
  const json = parsed.values['json'] === true;
  const onLine = json ? printLine : (line: string): void => printLine(formatListLine(line, digests));
  await listItems({ sourcePath, digests, onLine });
  return EXIT.done;
}

function readDigestNames(text: string | undefined): ListDigest[] {
  if (text === undefined) return [];
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !DIGESTS.some((digest) => digest === name));
  if (unknown !== undefined) throw wrongUse(`There is no digest "${unknown}"; there are md5, sha1 and sha256.`, USAGE);
  return DIGESTS.filter((digest) => names.includes(digest));
}

interface ListLine {
  readonly path?: string;
  readonly size?: number;
  readonly kind?: string;
  readonly allocated?: boolean;
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly problem?: { readonly code: string; readonly message: string };
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** One line for a person, made from the JSON line. */
function formatListLine(line: string, digests: readonly ListDigest[]): string {
  const item = JSON.parse(line) as ListLine;
  if (item.problem !== undefined) return `! ${item.problem.message} (${item.problem.code})`;
  if (item.summary !== undefined) {
    return `\n${Object.entries(item.summary).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join('\n')}`;
  }
  const state = item.allocated === false ? 'deleted' : '';
  const hashes = digests.map((digest) => item[digest] ?? '-'.repeat(8)).join('  ');
  return `${(item.kind ?? '').padEnd(9)} ${state.padEnd(7)} ${String(item.size ?? '').padStart(14)}  ${hashes === '' ? '' : `${hashes}  `}${item.path ?? ''}`;
}
