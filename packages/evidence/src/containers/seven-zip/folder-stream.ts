import { UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { FILTER_NAMES, isFilterRead, undoFilter } from '../compressed/filters/undo-filter.ts';
import { inflate64Feed } from '../compressed/inflate64-feed.ts';
import { joinBcj2 } from '../compressed/join-bcj2.ts';
import { feedFromPieces, feedFromSource, type PackedFeed } from '../compressed/packed-feed.ts';
import { unbzip2Feed } from '../compressed/unbzip2-feed.ts';
import { unlzma2Feed, unlzmaFeed } from '../compressed/unlzma-feed.ts';
import { inflateFeed, unzstdFeed } from '../compressed/unpack-stream.ts';
import { damaged } from './header-reader.ts';
import type { Coder, Folder } from './seven-zip-header.ts';

const STORED = '00';
/** BCJ2 takes three; each may hold a dictionary of tens of megabytes, and a chain without end would hold them all. */
const MAX_UNPACKERS = 4;
const METHOD_AES = '06f10701';
const METHOD_BCJ2 = '0303011b';
/** Numbers of filters by method; newer archives have those of xz themselves. */
const FILTERS: Readonly<Record<string, number>> = {
  '03030103': 4, '03030205': 5, '03030401': 6, '03030501': 7, '03030701': 8, '03030805': 9,
  ...Object.fromEntries(Object.keys(FILTER_NAMES).map((number) => [Number(number).toString(16).padStart(2, '0'), Number(number)])),
};
const NAMES: Readonly<Record<string, string>> = { '030401': 'PPMd', '04f71102': 'Brotli', '04f71104': 'LZ4', '04f71105': 'LZ5', '04f71106': 'Lizard' };

/** Why a folder is not read, or null: encrypted, or the name of a coder. */
export function folderFault(folder: Folder): UnsupportedError | null {
  if (folder.coders.some(({ method }) => method === METHOD_AES)) return new UnsupportedError('archive-encrypted', 'is encrypted (7z AES-256)');
  const unread = folder.coders.find(({ method, inputs, outputs }) => !isRead(method) || inputs !== (method === METHOD_BCJ2 ? 4 : 1) || outputs !== 1);
  const unpackers = folder.coders.filter(({ method }) => method !== STORED && method in UNPACKERS).length;
  if (unread === undefined && unpackers > MAX_UNPACKERS) return new UnsupportedError('seven-zip-method-unsupported', `is packed ${unpackers} times over, which is not read: an archiver does so at most three times`);
  if (unread === undefined) return null;
  const filter = FILTERS[unread.method];
  const name = NAMES[unread.method] ?? (filter === undefined ? undefined : FILTER_NAMES[filter]);
  return new UnsupportedError('seven-zip-method-unsupported', `is packed by ${name ?? `method ${unread.method}`}, which is not read`);
}

/** True when the content lies in the archive as it is. */
export function isStored({ coders, packed }: Folder): boolean {
  return coders.length === 1 && packed.length === 1 && coders[0]!.method === STORED;
}

function isRead(method: string): boolean {
  const filter = FILTERS[method];
  return method in UNPACKERS || method === METHOD_BCJ2 || (filter !== undefined && isFilterRead(filter));
}

const UNPACKERS: Readonly<Record<string, (feed: PackedFeed, properties: Buffer, sizeBytes: number) => Iterable<Uint8Array>>> = {
  '00': copyFeed,
  '21': (feed, properties) => {
    const bits = properties[0] ?? 41;
    if (bits > 40) throw damaged('LZMA2 has impossible properties');
    return unlzma2Feed(feed, bits === 40 ? 0xffff_ffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11));
  },
  '030101': (feed, properties, sizeBytes) => {
    if (properties.length < 5) throw damaged('LZMA has no properties');
    return unlzmaFeed(feed, properties[0]!, properties.readUInt32LE(1), sizeBytes);
  },
  '040108': inflateFeed,
  '040109': inflate64Feed,
  '040202': unbzip2Feed,
  '04f71101': unzstdFeed,
};

/** All content of a readable folder in pieces. */
export function unpackFolder(source: RandomAccessSource, folder: Folder): Iterable<Uint8Array> {
  if (folder.packed.some(({ offset, length }) => !(offset + length <= source.sizeBytes))) throw damaged('packed bytes lie past its end');
  return outputOf(source, folder, folder.mainOutput, 0);
}

/** What an output gives. Each is used once, so that coders in a circle have no way in: their number bounds the depth. */
function outputOf(source: RandomAccessSource, folder: Folder, output: number, depth: number): Iterable<Uint8Array> {
  const coder = folder.coders.find(({ firstOutput, outputs }) => output >= firstOutput && output < firstOutput + outputs);
  if (coder === undefined || depth >= folder.coders.length) throw damaged('its coders are joined in a circle');
  const inputOf = (number: number): PackedFeed => {
    const from = folder.inputs[coder.firstInput + number];
    if (from === undefined) throw damaged('a coder has no input');
    if ('output' in from) return feedFromPieces(outputOf(source, folder, from.output, depth + 1));
    const { offset, length } = folder.packed[from.packed]!;
    return feedFromSource(source, offset, length);
  };
  const sizeBytes = folder.outputSizes[output] ?? 0;
  return cutTo(runCoder(coder, inputOf, sizeBytes), sizeBytes);
}

function runCoder({ method, properties }: Coder, inputOf: (number: number) => PackedFeed, sizeBytes: number): Iterable<Uint8Array> {
  if (method === METHOD_BCJ2) return joinBcj2(inputOf(0), inputOf(1), inputOf(2), inputOf(3), sizeBytes);
  const filter = FILTERS[method];
  return filter === undefined ? UNPACKERS[method]!(inputOf(0), properties, sizeBytes) : undoFilter(filter, properties, copyFeed(inputOf(0)));
}

/** An unpacker may know no end of its own: what comes after the stated length is not content. */
function* cutTo(pieces: Iterable<Uint8Array>, sizeBytes: number): Generator<Uint8Array, void, undefined> {
  let left = sizeBytes;
  for (const piece of pieces) {
    yield piece.length <= left ? piece : piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

function* copyFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  while (feed.fill()) {
    const piece = feed.bytes.subarray(feed.at, feed.end);
    feed.at = feed.end;
    yield piece;
  }
}
