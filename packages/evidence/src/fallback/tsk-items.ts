import { LimitError, MAX_ENTRIES_PER_VOLUME, MAX_PATH_DEPTH, MalformedError, UnsupportedError, problemFrom, type KerbsideError } from '@kerbside/bytes';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Extent, Item, ItemContent, ItemKind, Timestamp, WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import type { DfxmlFault, DfxmlFile, DfxmlRun } from './dfxml.ts';
import { directoryOf } from './directory-nodes.ts';
import type { Waiting } from './sandboxed-run.ts';

const ORPHANS = '$OrphanFiles';

/**
 * Turns what The Sleuth Kit listed into items, trusting nothing of it: every run must lie inside
 * the volume and the runs must make up the size. Names are the bytes that the program gives as UTF-8,
 * which for HFS+ and Joliet is its own translation.
 */
export function* itemsOf(volume: Volume, files: Iterable<DfxmlFile | DfxmlFault | Waiting>): Generator<WalkEvent, void, undefined> {
  const directories = new Map<string, DirectoryNode>();
  let entries = 0;
  for (const file of files) {
    if ('waiting' in file) {
      // How much of the volume lies behind is not known.
      yield { type: 'pause', doneBytes: 0, totalBytes: 0 };
      continue;
    }
    if ('fault' in file) {
      yield problem(volume, new (file.code === 'fallback-volume-not-listed' ? UnsupportedError : MalformedError)(file.code, file.fault));
      continue;
    }
    if (++entries > MAX_ENTRIES_PER_VOLUME) {
      yield problem(volume, new LimitError('fallback-entries-limit', `the volume lists more than ${MAX_ENTRIES_PER_VOLUME} entries; the rest was not listed`));
      return;
    }
    const parts = file.path.split('/').filter((part) => part !== '');
    const last = parts.at(-1);
    if (last === undefined || last === '.' || last === '..' || file.path === ORPHANS) continue;
    if (parts.length > MAX_PATH_DEPTH) {
      yield problem(volume, new LimitError('path-depth-limit', `folders are nested deeper than ${MAX_PATH_DEPTH}`));
      continue;
    }
    const isOrphan = parts[0] === ORPHANS;
    if (isOrphan) parts.shift();
    const kind = kindOf(file);
    const mapped: MappedContent = kind === 'file' ? contentOf(volume, file) : { content: { form: 'none', reason: 'not-content' }, error: null };
    if (mapped.error !== null) yield problem(volume, mapped.error);
    const item: Item = {
      kind,
      parent: directoryOf(parts.slice(0, -1), directories, nameOf),
      name: nameOf(last),
      streamName: null,
      sizeBytes: Number.isSafeInteger(file.sizeBytes) && kind !== 'directory' ? file.sizeBytes : 0,
      state: isOrphan ? 'orphan' : file.isAllocated ? 'allocated' : 'deleted',
      id: file.inode,
      times: { created: stamp(file.times.crtime), modified: stamp(file.times.mtime), accessed: stamp(file.times.atime), changed: stamp(file.times.ctime) },
      content: mapped.content,
      recovery: file.isAllocated ? null : { basis: file.runs.length > 0 ? 'runs-survive' : 'no-runs' },
      partial: mapped.error !== null,
    };
    yield { type: 'item', item };
  }
}

function kindOf(file: DfxmlFile): ItemKind {
  if (file.metaType === '1' || (file.metaType === '' && file.nameType === 'r')) return 'file';
  return file.metaType === '2' || (file.metaType === '' && file.nameType === 'd') ? 'directory' : 'other';
}

interface MappedContent {
  readonly content: ItemContent;
  readonly error: KerbsideError | null;
}

function contentOf(volume: Volume, file: DfxmlFile): MappedContent {
  const { sizeBytes } = file;
  const none = (reason: 'unsupported' | 'damaged' | 'no-runs', error: KerbsideError | null): MappedContent => ({ content: { form: 'none', reason }, error });
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return none('damaged', new MalformedError('fallback-size-damaged', 'the size of an item cannot be right'));
  if (sizeBytes === 0) return { content: { form: 'extents', extents: [] }, error: null };
  if (file.runs.length === 0) {
    if (!file.isAllocated) return none('no-runs', null);
    return none('unsupported', new UnsupportedError('fallback-no-runs', `The Sleuth Kit does not say where the ${sizeBytes} bytes of an item are (compressed, or kept in metadata)`));
  }
  const extents: Extent[] = [];
  let at = 0;
  for (const run of file.runs.toSorted((a, b) => a.fileOffset - b.fileOffset)) {
    if (!isSaneRun(volume, run)) return none('unsupported', new UnsupportedError('fallback-runs-unusable', 'the runs of an item are in a form that cannot be read plainly (compressed), or lie outside the volume'));
    if (run.fileOffset >= sizeBytes) break;
    if (run.fileOffset > at) extents.push({ kind: 'hole', sourceOffset: -1, length: run.fileOffset - at });
    if (run.fileOffset < at) return none('damaged', new MalformedError('fallback-runs-overlap', 'the runs of an item overlap'));
    const length = Math.min(run.length, sizeBytes - run.fileOffset);
    extents.push(run.imageOffset === -1 ? { kind: 'hole', sourceOffset: -1, length } : { kind: 'data', sourceOffset: run.imageOffset!, length });
    at = run.fileOffset + length;
  }
  if (at < sizeBytes) return none('unsupported', new UnsupportedError('fallback-runs-short', `the runs of an item make up ${at} of its ${sizeBytes} bytes`));
  return { content: { form: 'extents', extents }, error: null };
}

function isSaneRun(volume: Volume, run: DfxmlRun): boolean {
  if (!Number.isSafeInteger(run.fileOffset) || !Number.isSafeInteger(run.length) || run.fileOffset < 0 || run.length <= 0 || run.imageOffset === null) return false;
  if (run.imageOffset === -1) return true;
  const end = volume.startOffset + volume.sizeBytes;
  return Number.isSafeInteger(run.imageOffset) && run.imageOffset >= volume.startOffset && run.imageOffset + run.length <= end;
}

/** fiwalk writes a byte that is no plain UTF-8, a control, or a backslash as `\xHH`. */
function nameOf(text: string): EvidenceName {
  const parts = text.split(/\\x([0-9A-F]{2})/);
  const bytes = Buffer.concat(parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part, 'utf8') : Buffer.from(part, 'hex'))));
  return { bytes, encoding: 'utf-8' };
}

function stamp(seconds: number | null): Timestamp | null {
  return seconds === null ? null : { seconds, nanoseconds: 0, zone: 'utc' };
}

function problem(volume: Volume, error: KerbsideError): WalkEvent {
  return { type: 'problem', problem: problemFrom(error, { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes }) };
}
