import type { ItemTimes, Timestamp } from '../item.ts';

/**
 * Readers of what The Sleuth Kit 4.11 prints of APFS. Names come out of it unescaped in `istat` and
 * `pstat`, so a name with a line break can imitate any line: what matters is taken only where it can
 * stand once, and a second one makes the whole entry unusable.
 *
 * ```
 * fls -r -p      r/r 18:<TAB>folder/name          (controls of names are shown as ^)
 * istat -r       Size:<TAB>5000
 *                Created:<TAB><TAB>2021-07-22 16:07:32.619315526 (UTC)
 *                Attributes:
 *                Type: DATA (4352-0)   Name:    Non-Resident   size: 5000  init_size: 5000
 *                  Starting address: 30000, length: 2         (or `X`, and then `Sparse`)
 * ```
 */
export interface FlsEntry {
  /** `r`, `d`, `l`, … by its directory record, and by its inode. */
  readonly nameType: string;
  readonly metaType: string;
  readonly isDeleted: boolean;
  readonly inode: string;
  readonly path: string;
}

/** One line of `fls -r -p`; null when it is none. */
export function parseFlsLine(line: string): FlsEntry | null {
  const match = /^(.)\/(.) (\* )?(\d{1,20})(?:-\d+)*(?:\(realloc\))?:\t([^]+)$/.exec(line);
  return match === null ? null : { nameType: match[1]!, metaType: match[2]!, isDeleted: match[3] !== undefined, inode: match[4]!, path: match[5]! };
}

/** Blocks of the container; `startBlock` is -1 where nothing is stored. */
export interface IstatRun {
  readonly startBlock: number;
  readonly blocks: number;
}

export interface IstatFile {
  readonly sizeBytes: number;
  readonly times: ItemTimes;
  readonly data: { readonly form: 'runs'; readonly runs: readonly IstatRun[] } | { readonly form: 'none' | 'compressed' | 'encrypted'; readonly unpackedBytes: number | null };
}

/** In the BSD flags of an inode; an inode may have it where its compression attribute is lost. */
const FLAG_COMPRESSED = 0x20;
const ATTRIBUTE = /^Type: (\S+) \(\d+-\d+\) {3}Name: .* {3}(Non-Resident|Resident)((?:, (?:Encrypted|Compressed|Sparse))*) {3}size: (\d+)(?: {2}init_size: \d+)?$/;
/** Words behind a run that are not known make the entry unusable, as they may change what the run means. */
const RUN = /^\s*Starting address: (\d+|X), length: (\d+)((?:Sparse|Encrypted|\s)*)$/;

/** One answer of `istat -r` for a regular file; null when it is none or is ambiguous. */
export function parseIstat(text: string): IstatFile | null {
  const size = /^Size:\t(\d{1,16})$/m.exec(text)?.[1];
  const halves = text.split(/^Attributes: ?$/m);
  if (size === undefined || halves.length !== 2 || !/^Type:\tRegular File$/m.test(halves[0]!)) return null;
  const flags = Number(/^BSD flags:\t(0x[0-9a-f]{8})$/m.exec(halves[0]!)?.[1] ?? NaN);
  if (Number.isNaN(flags)) return null;
  const data = readData(halves[1]!.split('\n'), (flags & FLAG_COMPRESSED) !== 0);
  if (data === null) return null;
  const time = (name: string): Timestamp | null => parseTime(new RegExp(`^${name}:\\s+(\\S+ \\S+)`, 'm').exec(halves[0]!.slice(halves[0]!.lastIndexOf('\nTimes:\n')))?.[1]);
  return {
    // The inode of a compressed file states no size of its own.
    sizeBytes: data.form === 'compressed' ? (data.unpackedBytes ?? Number(size)) : Number(size),
    times: { created: time('Created'), modified: time('Content Modified'), changed: time('Attributes Modified'), accessed: time('Accessed') },
    data,
  };
}

function readData(lines: readonly string[], isCompressed: boolean): IstatFile['data'] | null {
  const runs: IstatRun[] = [];
  let attribute = '';
  let dataSeen = 0;
  let unpackedBytes: number | null = null;
  let form: 'none' | 'runs' | 'compressed' | 'encrypted' = isCompressed ? 'compressed' : 'none';
  for (const line of lines) {
    const header = ATTRIBUTE.exec(line);
    if (header !== null) {
      attribute = header[1]!;
      if (attribute === 'CMPF') form = 'compressed';
      if (attribute !== 'DATA') continue;
      dataSeen += 1;
      unpackedBytes = Number(header[4]);
      if (header[2] === 'Resident' || header[3]!.includes('Compressed')) form = 'compressed';
      else if (form !== 'compressed') form = 'runs';
      continue;
    }
    const run = attribute === 'DATA' ? RUN.exec(line) : null;
    if (run !== null) {
      if (run[3]!.includes('Encrypted') && form !== 'compressed') form = 'encrypted';
      runs.push({ startBlock: run[3]!.includes('Sparse') ? -1 : Number(run[1]), blocks: Number(run[2]) });
    } else if (attribute === 'DATA' && line.trim() !== '') return null;
  }
  if (dataSeen > 1 && form !== 'compressed') return null;
  return form === 'runs' ? { form, runs } : { form, unpackedBytes };
}

function parseTime(text: string | undefined): Timestamp | null {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(text ?? '');
  if (match === null) return null;
  const seconds = Date.parse(`${match[1]}T${match[2]}Z`) / 1000;
  return Number.isSafeInteger(seconds) ? { seconds, nanoseconds: Number((match[3] ?? '').padEnd(9, '0')), zone: 'utc' } : null;
}
