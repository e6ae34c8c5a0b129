import { MalformedError, problemFrom, UnsupportedError, type Problem } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ItemTimes, Timestamp } from '../../item.ts';
import type { Member, MemberState } from '../container.ts';
import { shortPath, splitPath } from '../member-names.ts';
import { decimal, type PaxExtension } from './pax-records.ts';
import { readSparseMap, type SparseRun } from './sparse-map.ts';
import { readNumber, type TarHeader } from './tar-header.ts';
import type { TarRead } from './tar-steps.ts';

/** One member of a TAR, by its place in the archive. */
export interface TarEntry {
  readonly names: readonly EvidenceName[];
  readonly kind: Member['kind'];
  readonly sizeBytes: number;
  readonly times: ItemTimes;
  readonly state: MemberState;
  /** Where its stored bytes begin. */
  readonly contentAt: number;
  /** Stored bytes in order; between the runs the content is zeros. */
  readonly runs: readonly SparseRun[];
  /** Bytes from the end of its header to the next, but for padding. */
  readonly spanBytes: number;
}

export interface DescribedEntry {
  readonly entry: TarEntry;
  readonly problem: Problem | null;
}

const KINDS: Readonly<Record<string, Member['kind']>> = { '1': 'link', '2': 'link', '3': 'other', '4': 'other', '5': 'directory', '6': 'other', D: 'directory', V: 'other', N: 'other' };

/** Puts header, extended headers and sparse map together. @param endAt where the archive ends, if known */
export function* describeEntry(header: TarHeader, pax: PaxExtension, longName: Buffer | null, contentAt: number, endAt: number | null, maxNameParts: number): Generator<TarRead, DescribedEntry, Buffer> {
  const { records } = pax;
  const bytes = records.get('GNU.sparse.name') ?? records.get('path') ?? longName ?? header.name;
  const names = splitPath(bytes, 'utf-8', maxNameParts);
  const kind = KINDS[header.type] ?? (bytes[bytes.length - 1] === 0x2f ? 'directory' : 'file');
  const paxSize = decimal(records.get('size'));
  // A hard link states the size of what it leads to and stores nothing.
  const spanBytes = kind === 'link' ? 0 : paxSize >= 0 ? paxSize : header.sizeBytes;
  const place = { path: shortPath(names), offset: contentAt };
  const plain = { names, kind, times: times(header, pax), contentAt, spanBytes };
  if (header.type === 'M') {
    const entry: TarEntry = { ...plain, sizeBytes: spanBytes, state: 'unsupported', runs: [{ offset: 0, length: spanBytes }] };
    return { entry, problem: problemFrom(new UnsupportedError('tar-part-missing', `${place.path} began in another part of a TAR`), place) };
  }
  try {
    const map = yield* readSparseMap(header, pax, contentAt, spanBytes);
    const start = map?.contentAt ?? contentAt;
    const sizeBytes = kind === 'file' ? (map?.sizeBytes ?? spanBytes) : 0;
    const runs = map?.runs ?? (sizeBytes === 0 ? [] : [{ offset: 0, length: spanBytes }]);
    // Blocks of an old sparse map stand before the content and are not counted in its size.
    const entry: TarEntry = { ...plain, sizeBytes, state: 'readable', contentAt: start, runs, spanBytes: header.type === 'S' ? spanBytes + (start - contentAt) : spanBytes };
    const isCut = endAt !== null && contentAt + entry.spanBytes > endAt;
    if (!isCut) return { entry, problem: null };
    return { entry: { ...entry, state: kind === 'file' ? 'damaged' : entry.state }, problem: problemFrom(new MalformedError('tar-truncated', `${place.path} reaches past the end of a TAR`), place) };
  } catch (error) {
    return { entry: { ...plain, sizeBytes: spanBytes, state: 'damaged', runs: [] }, problem: problemFrom(error, place) };
  }
}

function times(header: TarHeader, { records }: PaxExtension): ItemTimes {
  const gnu = (at: number): Timestamp | null => (header.isGnu && header.block[at] !== 0 ? seconds(readNumber(header.block, at, 12)) : null);
  return {
    created: paxTime(records.get('LIBARCHIVE.creationtime')),
    modified: paxTime(records.get('mtime')) ?? seconds(header.modified),
    accessed: paxTime(records.get('atime')) ?? gnu(345),
    changed: paxTime(records.get('ctime')) ?? gnu(357),
  };
}

/** 31 Dec 9999: no clock has set more. */
const MAX_SECONDS = 253_402_300_799;

function seconds(value: number): Timestamp | null {
  return value < 0 || value > MAX_SECONDS ? null : { seconds: value, nanoseconds: 0, zone: 'utc' };
}

function paxTime(value: Buffer | undefined): Timestamp | null {
  const parts = /^(-?\d{1,12})(?:\.(\d{1,30}))?$/.exec(value?.toString('latin1') ?? '');
  if (parts === null) return null;
  const whole = Number(parts[1]);
  const nanoseconds = Number((parts[2] ?? '').padEnd(9, '0').slice(0, 9));
  // A fraction is added to a time before 1970 too, which is written with a minus before both.
  const isBefore = parts[1]!.startsWith('-') && nanoseconds > 0;
  return Math.abs(whole) > MAX_SECONDS ? null : { seconds: isBefore ? whole - 1 : whole, nanoseconds: isBefore ? 1_000_000_000 - nanoseconds : nanoseconds, zone: 'utc' };
}
