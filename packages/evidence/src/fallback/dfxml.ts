import { WAITING, type Waiting } from './sandboxed-run.ts';

/**
 * Reader of what fiwalk prints (DFXML), as data: one element a line, values escaped, so a name can
 * never close an element. The parts used:
 *
 * ```
 * <fileobject>
 *   <parent_object><inode>…</inode></parent_object>       (its inode comes first)
 *   <filename>a/b</filename> <name_type>r</name_type> <filesize>53</filesize>
 *   <alloc>1</alloc> or <unalloc>1</unalloc> <inode>5</inode> <meta_type>1</meta_type> <nlink>1</nlink>
 *   <mtime>2021-07-22T16:07:32Z</mtime> and atime, ctime, crtime
 *   <byte_run file_offset='0' fs_offset='57344' img_offset='57344' len='53'/>
 * </fileobject>
 * ```
 */
export interface DfxmlFile {
  readonly path: string;
  readonly nameType: string;
  readonly metaType: string;
  readonly sizeBytes: number;
  readonly isAllocated: boolean;
  readonly inode: string;
  readonly times: Readonly<Record<'mtime' | 'atime' | 'ctime' | 'crtime', number | null>>;
  readonly runs: readonly DfxmlRun[];
}

/** `imageOffset` is -1 where nothing is stored (a hole) and null where the program does not say. */
export interface DfxmlRun {
  readonly fileOffset: number;
  readonly imageOffset: number | null;
  readonly length: number;
}

export interface DfxmlFault {
  readonly code: 'fallback-output-damaged' | 'fallback-volume-not-listed';
  readonly fault: string;
}

/** Lines longer than this are no part of what fiwalk prints for one name of at most 1,024 characters. */
const MAX_OBJECT_CHARACTERS = 4 * 1024 * 1024;

/**
 * Yields the file objects of the volume that starts at `partitionOffset`, from pieces of text in
 * order, and ends where the next volume begins: what stands on the others is not waited for.
 */
export function* parseDfxml(pieces: Iterable<string | Waiting>, partitionOffset: number): Generator<DfxmlFile | Waiting | DfxmlFault, void, undefined> {
  let rest = '';
  let isOurVolume = false;
  let wasListed = false;
  let wasWhole = false;
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      yield WAITING;
      continue;
    }
    rest += piece;
    for (;;) {
      const start = /<partition_offset>(\d+)<\/partition_offset>|<fileobject>|<\/volume>/.exec(rest);
      if (start === null) {
        rest = rest.slice(-64);
        break;
      }
      if (start[0] !== '<fileobject>') {
        if (start[1] === undefined) wasWhole ||= isOurVolume;
        else if (wasWhole) return;
        isOurVolume = Number(start[1] ?? NaN) === partitionOffset;
        wasListed ||= isOurVolume;
        rest = rest.slice(start.index + start[0].length);
        continue;
      }
      const end = rest.indexOf('</fileobject>', start.index);
      if (end < 0) {
        rest = rest.slice(start.index);
        if (rest.length <= MAX_OBJECT_CHARACTERS) break;
        yield { code: 'fallback-output-damaged', fault: 'The Sleuth Kit was cut short: an entry of its listing is longer than can be' };
        rest = '';
        break;
      }
      if (isOurVolume) yield parseObject(rest.slice(start.index, end));
      rest = rest.slice(end);
    }
  }
  if (wasWhole) return;
  if (rest.includes('<fileobject>')) yield { code: 'fallback-output-damaged', fault: 'The Sleuth Kit was cut short: its listing ends in the middle of an entry' };
  else if (wasListed) yield { code: 'fallback-output-damaged', fault: 'The Sleuth Kit was cut short: its listing ends before the end of the volume' };
  else yield { code: 'fallback-volume-not-listed', fault: 'The Sleuth Kit does not list this volume: it may be damaged, of a variant that it does not know, or outside the partition table' };
}

function parseObject(text: string): DfxmlFile {
  // The first inode is that of the parent.
  const own = text.replace(/<parent_object>[^]*?<\/parent_object>/, '');
  const value = (name: string): string => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(own)?.[1] ?? '';
  const time = (name: string): number | null => {
    const seconds = Date.parse(value(name)) / 1000;
    return Number.isSafeInteger(seconds) ? seconds : null;
  };
  const runs = [...own.matchAll(/<byte_run ([^>]*)\/>/g)].map(([, attributes]): DfxmlRun => {
    const attribute = (name: string): string | undefined => new RegExp(`(?:^|\\s)${name}='([^']*)'`).exec(attributes!)?.[1];
    const place = attribute('img_offset');
    return {
      fileOffset: Number(attribute('file_offset') ?? NaN),
      imageOffset: attribute('fill') === undefined ? (place === undefined || attribute('uncompressed_len') !== undefined || attribute('type') !== undefined ? null : Number(place)) : -1,
      length: Number(attribute('len') ?? NaN),
    };
  });
  return {
    path: unescapeXml(value('filename')),
    nameType: value('name_type'),
    metaType: value('meta_type'),
    sizeBytes: Number(value('filesize') || '0'),
    isAllocated: value('alloc') === '1',
    inode: value('inode'),
    times: { mtime: time('mtime'), atime: time('atime'), ctime: time('ctime'), crtime: time('crtime') },
    runs,
  };
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => named[name]!);
}
