import { UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { feedFromSource, type PackedFeed } from '../compressed/packed-feed.ts';
import { unbzip2Feed } from '../compressed/unbzip2-feed.ts';
import { unlzma2Feed, unlzmaFeed } from '../compressed/unlzma-feed.ts';
import { inflateFeed, unzstdFeed } from '../compressed/unpack-stream.ts';
import { damaged } from './header-reader.ts';
import type { Folder } from './seven-zip-header.ts';

const METHOD_AES = '06f10701';
const NAMES: Readonly<Record<string, string>> = { '03': 'delta', '03030103': 'BCJ x86', '0303011b': 'BCJ2', '030401': 'PPMd', '040109': 'deflate64', '03030501': 'BCJ ARM', '0a': 'ARM64', '04': 'BCJ x86' };

/** Why a folder is not read, or null: encrypted, or the name of a coder. */
export function folderFault(folder: Folder): UnsupportedError | null {
  if (folder.coders.some(({ method }) => method === METHOD_AES)) return new UnsupportedError('archive-encrypted', 'is encrypted (7z AES-256)');
  const unread = folder.coders.find(({ method }) => !(method in UNPACKERS));
  if (unread !== undefined) return new UnsupportedError('seven-zip-method-unsupported', `is packed by ${NAMES[unread.method] ?? `method ${unread.method}`}, which is not read`);
  return folder.coders.length === 1 && folder.packedStreams === 1 ? null : new UnsupportedError('seven-zip-method-unsupported', 'is packed by several methods at once, which is not read');
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
  '040202': unbzip2Feed,
  '04f71101': unzstdFeed,
};

/** All content of a readable folder in pieces. */
export function unpackFolder(source: RandomAccessSource, folder: Folder): Iterable<Uint8Array> {
  if (!(folder.packOffset + folder.packedBytes <= source.sizeBytes)) throw damaged('packed bytes lie past its end');
  const [coder] = folder.coders;
  return UNPACKERS[coder!.method]!(feedFromSource(source, folder.packOffset, folder.packedBytes), coder!.properties, folder.sizeBytes);
}

function* copyFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  while (feed.fill()) {
    const piece = feed.bytes.subarray(feed.at, feed.end);
    feed.at = feed.end;
    yield piece;
  }
}
