import { formatBytes, formatCount, listItems, type ListSummary } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { printBytes, printNotice, printText } from '../output.ts';
import { listenForStop } from '../stop-signal.ts';

const USAGE = 'kerbside list SOURCE [--hash md5,sha1,sha256] [--json] [--write-blocker TEXT]';
const DIGESTS = ['md5', 'sha1', 'sha256'] as const;
type ListDigest = (typeof DIGESTS)[number];

/** `kerbside list`: every item of a source, one line each. */
export async function runListCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { hash: { type: 'string' }, json: { type: 'boolean' }, 'write-blocker': { type: 'string' } }, USAGE, [1, 1]);
  const digests = readDigestNames(textOption(parsed, 'hash'));
  const sourcePath = parsed.positionals[0]!;
  const json = parsed.values['json'] === true;
  const printPlainly = (lines: Uint8Array): void => {
    for (const line of new TextDecoder().decode(lines).trimEnd().split('\n')) printText(formatListLine(line, digests));
  };
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  using stop = listenForStop(() => printNotice('kerbside: stopping; the listing ends here and says so.'));
  const summary = await listItems({
    sourcePath,
    digests,
    onLines: json ? printBytes : printPlainly,
    signal: stop.signal,
    ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }),
  });
  return summary.complete ? EXIT.done : EXIT.notFinished;
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
  readonly summary?: ListSummary;
}

/** One line for a person, made from the JSON line. */
function formatListLine(line: string, digests: readonly ListDigest[]): string {
  const item = JSON.parse(line) as ListLine;
  if (item.problem !== undefined) return `! ${item.problem.message} (${item.problem.code})`;
  if (item.summary !== undefined) {
    return `\n${summaryWords(item.summary)}`;
  }
  const state = item.allocated === false ? 'deleted' : '';
  const hashes = digests.map((digest) => item[digest] ?? '-'.repeat(8)).join('  ');
  return `${(item.kind ?? '').padEnd(9)} ${state.padEnd(7)} ${String(item.size ?? '').padStart(14)}  ${hashes === '' ? '' : `${hashes}  `}${item.path ?? ''}`;
}

function summaryWords(summary: ListSummary): string {
  const { items, source, volumes, gaps } = summary;
  const counts = [
    `${formatCount(items.files)} files`,
    `${formatCount(items.streams)} streams`,
    `${formatCount(items.directories)} directories`,
    `${formatCount(items.others)} other entries`,
  ];
  return [
    `Source    ${source.path} (${source.kind === 'folder' ? '' : `${formatBytes(source.sizeBytes)}, `}${source.kind})`,
    ...volumes.map((volume) => `Volume    ${volume.id}: ${volume.state === 'file-system' ? volume.name : `${volume.state}${volume.name === '' ? '' : `, ${volume.name}`}`}`),
    ...gaps.map((gap) => `Gap       ${gap.id}: ${formatBytes(gap.length)} from byte ${formatCount(gap.offset)}, appears ${gap.appears}`),
    `Items     ${counts.join(', ')}; ${formatCount(items.deleted)} of them deleted, ${formatCount(items.orphans)} without a folder`,
    `Problems  ${formatCount(summary.problems)}`,
    ...(summary.complete ? [] : ['NOT COMPLETE: the listing was stopped.']),
  ].join('\n');
}
