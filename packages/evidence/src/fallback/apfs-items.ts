import { LimitError, MAX_ENTRIES_PER_VOLUME, MAX_PATH_DEPTH, MalformedError, UnsupportedError, type KerbsideError } from '@kerbside/bytes';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Extent, Item, ItemContent, ItemTimes, WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { parseFlsLine, parseIstat, type FlsEntry, type IstatFile } from './apfs-text.ts';
import { directoryOf } from './directory-nodes.ts';
import { startSandboxedRun, type Waiting } from './sandboxed-run.ts';
import type { TskEvidence } from './tsk-evidence.ts';

/** Files asked about in one sandbox: its start is then nothing beside the calls. */
const BATCH_FILES = 256;
const BATCH_TIMEOUT_MS = 5 * 60 * 1000;
/** For one call; real ones take hundredths of a second. */
const CALL_CPU_SECONDS = 20;
const MAX_BATCH_BYTES = 128 * 1024 * 1024;

/** What the items of one APFS volume are made from. */
export interface ApfsSource {
  readonly volume: Volume;
  readonly blockSizeBytes: number;
  /** Path components before those of the listing. */
  readonly root: readonly string[];
  readonly idPrefix: string;
  /** Options that point a program at this volume. */
  readonly options: readonly string[];
  readonly evidence: TskEvidence;
  /** On the clock of `performance.now()`: no more calls after this. */
  readonly deadline: number;
  readonly say: (error: KerbsideError) => WalkEvent;
}

const NO_TIMES: ItemTimes = { created: null, modified: null, accessed: null, changed: null };

/**
 * Turns the lines of `fls -r -p` into items, asking `istat` for the place of each file's blocks.
 * @returns how many different files were listed
 */
export function* apfsItems(source: ApfsSource, lines: Iterable<string | Waiting>): Generator<WalkEvent, number, undefined> {
  const directories = new Map<string, DirectoryNode>();
  const files = new Set<string>();
  let entries = 0;
  let strange = 0;
  let late = 0;
  let batch: FlsEntry[] = [];
  function* flush(): Generator<WalkEvent, void, undefined> {
    const isLate = performance.now() >= source.deadline;
    const isFile = (entry: FlsEntry): boolean => !isLate && entry.metaType === 'r';
    const answers = yield* askIstat(source, [...new Set(batch.filter(isFile).map(({ inode }) => inode))]);
    for (const entry of batch) {
      if (isLate && entry.metaType === 'r') late += 1;
      yield* itemOf(source, entry, answers, directories, isLate);
    }
    batch = [];
  }
  for (const line of lines) {
    if (typeof line !== 'string') {
      yield { type: 'pause', doneBytes: 0, totalBytes: 0 };
      continue;
    }
    const entry = parseFlsLine(line);
    if (entry === null) {
      strange += 1;
      continue;
    }
    if (++entries > MAX_ENTRIES_PER_VOLUME) {
      yield source.say(new LimitError('fallback-entries-limit', `the volume lists more than ${MAX_ENTRIES_PER_VOLUME} entries; the rest was not listed`));
      break;
    }
    if (entry.metaType === 'r') files.add(entry.inode);
    if (batch.push(entry) >= BATCH_FILES) yield* flush();
  }
  yield* flush();
  if (strange > 0) yield source.say(new MalformedError('fallback-output-damaged', `${strange} lines of the listing of The Sleuth Kit cannot be understood; entries may be missing`));
  if (late > 0) yield source.say(new LimitError('apfs-time-limit', `asking The Sleuth Kit for each file took too long: ${late} files are listed and were not read`));
  return files.size;
}

/** Answers of `istat -r` by inode; null where it failed, absent where it was not reached. */
function* askIstat(source: ApfsSource, inodes: readonly string[]): Generator<WalkEvent, ReadonlyMap<string, IstatFile | null>, undefined> {
  const answers = new Map<string, IstatFile | null>();
  if (inodes.length === 0) return answers;
  const { evidence, options } = source;
  const run = startSandboxedRun(
    'while read -r inode; do istat "$@" "$inode"; report "$inode" $?; done; report end 0',
    [...options, '-r', `/evidence/${evidence.files[0]!.name}`],
    { evidence: evidence.files, cpuSeconds: CALL_CPU_SECONDS, maxFileBytes: MAX_BATCH_BYTES },
    BATCH_TIMEOUT_MS,
    inodes.map((inode) => `${inode}\n`).join(''),
  );
  try {
    const pieces: string[] = [];
    for (const piece of run.output()) {
      if (typeof piece === 'string') pieces.push(piece);
      else yield { type: 'pause', doneBytes: 0, totalBytes: 0 };
    }
    const text = pieces.join('');
    let start = 0;
    for (const end of text.matchAll(new RegExp(`\\n${run.word} (\\d+) (\\d+)\\n`, 'g'))) {
      const [line, inode, code] = end;
      answers.set(inode!, code === '0' ? parseIstat(text.slice(start, end.index)) : null);
      start = end.index + line.length;
    }
  } finally {
    run.stop();
  }
  return answers;
}

function* itemOf(source: ApfsSource, entry: FlsEntry, answers: ReadonlyMap<string, IstatFile | null>, directories: Map<string, DirectoryNode>, isLate: boolean): Generator<WalkEvent, void, undefined> {
  const parts = [...source.root, ...entry.path.split('/').filter((part) => part !== '')];
  const last = parts.at(-1);
  if (last === undefined || parts.length === source.root.length || last === '.' || last === '..') return;
  if (parts.length > MAX_PATH_DEPTH) {
    yield source.say(new LimitError('path-depth-limit', `folders are nested deeper than ${MAX_PATH_DEPTH}`));
    return;
  }
  const kind = entry.metaType === 'r' ? 'file' : entry.metaType === 'd' ? 'directory' : 'other';
  const answer = answers.get(entry.inode) ?? null;
  const mapped = kind === 'file' ? contentOf(source, answer, answers.has(entry.inode), isLate) : { content: { form: 'none', reason: 'not-content' } as const, error: null };
  if (mapped.error !== null) yield source.say(mapped.error);
  const item: Item = {
    kind,
    parent: directoryOf(parts.slice(0, -1), directories, nameOf),
    name: nameOf(last),
    streamName: null,
    sizeBytes: kind === 'file' ? (answer?.sizeBytes ?? 0) : 0,
    state: entry.isDeleted ? 'deleted' : 'allocated',
    id: source.idPrefix + entry.inode,
    times: answer?.times ?? NO_TIMES,
    content: mapped.content,
    recovery: entry.isDeleted ? { basis: mapped.content.form === 'extents' ? 'runs-survive' : 'no-runs' } : null,
    partial: mapped.error !== null || (isLate && kind === 'file'),
  };
  yield { type: 'item', item };
}

/** Believed only when every run lies in the volume and all make up the size. */
function contentOf(source: ApfsSource, answer: IstatFile | null, wasAnswered: boolean, isLate: boolean): { readonly content: ItemContent; readonly error: KerbsideError | null } {
  const none = (reason: 'unsupported' | 'damaged' | 'encrypted', error: KerbsideError | null): ReturnType<typeof contentOf> => ({ content: { form: 'none', reason }, error });
  // Told once for all that come too late.
  if (isLate) return none('unsupported', null);
  if (answer === null) {
    return wasAnswered
      ? none('damaged', new MalformedError('fallback-item-damaged', 'The Sleuth Kit cannot say where an item is, or says it in two ways; the item was not read'))
      : none('unsupported', new LimitError('fallback-item-limit', 'The Sleuth Kit was ended by a limit before it said where an item is; the item was not read'));
  }
  const { data, sizeBytes } = answer;
  if (data.form === 'compressed') return none('unsupported', new UnsupportedError('fallback-compressed', 'the item is stored compressed (decmpfs); it was not read: use another tool for it'));
  if (data.form === 'encrypted') return none('encrypted', new UnsupportedError('fallback-encrypted', 'the item is stored encrypted; it was not read'));
  if (!Number.isSafeInteger(sizeBytes)) return none('damaged', new MalformedError('fallback-size-damaged', 'the size of an item cannot be right'));
  if (data.form === 'none' && sizeBytes > 0) return none('unsupported', new UnsupportedError('fallback-no-runs', `The Sleuth Kit does not say where the ${sizeBytes} bytes of an item are`));
  const extents: Extent[] = [];
  let left = sizeBytes;
  for (const { startBlock, blocks } of data.form === 'runs' ? data.runs : []) {
    if (left === 0) break;
    const length = Math.min(left, blocks * source.blockSizeBytes);
    const offset = startBlock * source.blockSizeBytes;
    const isSane = blocks > 0 && Number.isSafeInteger(blocks * source.blockSizeBytes) && (startBlock === -1 || (startBlock > 0 && Number.isSafeInteger(offset) && offset + length <= source.volume.sizeBytes));
    if (!isSane) return none('damaged', new MalformedError('fallback-runs-outside', 'the runs of an item lie outside the volume'));
    extents.push(startBlock === -1 ? { kind: 'hole', sourceOffset: -1, length } : { kind: 'data', sourceOffset: source.volume.startOffset + offset, length });
    left -= length;
  }
  if (left > 0) return none('unsupported', new UnsupportedError('fallback-runs-short', `the runs of an item make up ${sizeBytes - left} of its ${sizeBytes} bytes`));
  return { content: { form: 'extents', extents }, error: null };
}

function nameOf(text: string): EvidenceName {
  return { bytes: Buffer.from(text, 'utf8'), encoding: 'utf-8' };
}
