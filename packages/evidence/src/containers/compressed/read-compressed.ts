import { MalformedError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { givenName, NO_TIMES } from '../member-names.ts';
import { gunzipFeed, readGzipHeader } from './gunzip-feed.ts';
import { feedFromSource, type PackedFeed } from './packed-feed.ts';
import { unbzip2Feed } from './unbzip2-feed.ts';
import { unlzmaFeed } from './unlzma-feed.ts';
import { unxzFeed } from './unxz-feed.ts';
import { unzstdFeed } from './unpack-stream.ts';

export type CompressedFormat = 'gzip' | 'bzip2' | 'xz' | 'lzma' | 'zstd';

const UNPACKERS: Readonly<Record<CompressedFormat, (feed: PackedFeed) => Generator<Uint8Array, void, undefined>>> = {
  gzip: gunzipFeed,
  bzip2: unbzip2Feed,
  xz: unxzFeed,
  lzma: unlzmaFile,
  zstd: unzstdFeed,
};

/** Endings that the packer added to the name of what it packed, and what they stood for. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [[/\.(?:gz|bz2|xz|lzma|zst)$/i, ''], [/\.(?:tgz|tbz2?|txz|tlz|tzst)$/i, '.tar']];

/**
 * A compressed file as a container of one member. What it holds (often a TAR) shows when it is read. Never throws
 * on evidence; bytes after the end of the content are told once it was read.
 * @param outerName name of the compressed file: its ending off, it names the member where no header does
 */
export function* readCompressed(source: RandomAccessSource, format: CompressedFormat, budget: ContainerBudget, outerName: EvidenceName | null = null): Generator<ContainerEvent, void, undefined> {
  const reading = { strayBytes: 0 };
  try {
    budget.countEntry();
    const header = format === 'gzip' ? readGzipHeader(feedFromSource(source, 0, Math.min(source.sizeBytes, 256 * 1024))) : null;
    const name: EvidenceName = header !== null && header.name !== null && header.name.length > 0 ? { bytes: header.name, encoding: 'latin1' } : (withoutEnding(outerName) ?? givenName('content'));
    const modified = header !== null && header.modifiedSeconds > 0 ? { seconds: header.modifiedSeconds, nanoseconds: 0, zone: 'utc' as const } : null;
    const member: Member = { names: [name], kind: 'file', sizeBytes: null, times: { ...NO_TIMES, modified }, state: 'readable', extents: null, content: () => unpack(source, format, budget, reading) };
    yield { type: 'member', member };
    if (reading.strayBytes > 0) throw new MalformedError('compressed-bytes-after-end', `${reading.strayBytes} bytes follow the end of a ${format} file and belong to nothing`, { offset: source.originOffset + source.sizeBytes - reading.strayBytes });
  } catch (error) {
    yield { type: 'problem', problem: problemFrom(error, { offset: source.originOffset }) };
  }
}

function* unpack(source: RandomAccessSource, format: CompressedFormat, budget: ContainerBudget, reading: { strayBytes: number }): Generator<Uint8Array, void, undefined> {
  const feed = feedFromSource(source, 0, source.sizeBytes);
  for (const piece of UNPACKERS[format](feed)) {
    budget.countExpanded(piece.length);
    yield piece;
  }
  reading.strayBytes = source.sizeBytes - feed.position;
}

/** `.lzma`: properties, u32 dictionary, u64 length or all ones, then the stream. */
function* unlzmaFile(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const head = feed.take(13);
  if (head.length < 13) throw new MalformedError('lzma-damaged', 'an LZMA file is cut short in its header');
  const stated = head.readBigUInt64LE(5);
  yield* unlzmaFeed(feed, head[0]!, head.readUInt32LE(1), stated === 0xffff_ffff_ffff_ffffn ? -1 : Number(stated));
}

function withoutEnding(name: EvidenceName | null): EvidenceName | null {
  if (name === null) return null;
  const isWide = name.encoding === 'utf-16le';
  const text = Buffer.from(name.bytes).toString(isWide ? 'utf16le' : 'latin1');
  for (const [ending, stands] of ENDINGS) {
    if (ending.test(text) && text.replace(ending, stands) !== '') return { bytes: Buffer.from(text.replace(ending, stands), isWide ? 'utf16le' : 'latin1'), encoding: name.encoding };
  }
  return null;
}
