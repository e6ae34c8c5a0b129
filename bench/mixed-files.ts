import { gzipSync } from 'node:zlib';
import { generatedBytes, makeDocument, makeMedia, makePicture, makePseudoVideo, makeRandom, MEDIA_KINDS, type CorpusFile, type DocumentKind } from '@kerbside/corpus';

const MIB = 1024 * 1024;
const DOCUMENT_KINDS: readonly DocumentKind[] = ['text', 'csv', 'rtf', 'html'];

/**
 * Pictures, documents, media, archives and video as a private disk has them, about `sizeBytes` in all, without end to the
 * variety: each number is another file. The same seed gives the same files.
 */
export function* mixedFiles(seed: number, sizeBytes: number): Generator<CorpusFile> {
  const random = makeRandom(seed);
  let made = 0;
  for (let number = 0; made < sizeBytes; number++) {
    const file = mixedFile(seed * 1_000_003 + number, number, random.below(100), random.below(1000));
    made += 'sizeBytes' in file.content ? file.content.sizeBytes : file.content.length;
    yield file;
  }
}

function mixedFile(seed: number, number: number, kind: number, size: number): CorpusFile {
  const folder = String(number % 97).padStart(3, '0');
  if (kind < 30) return { path: `Pictures/${folder}/IMG_${number}.JPG`, content: makePicture({ kind: 'jpeg', seed, widthPx: 640 + size, heightPx: 480 + (size >> 1), grain: 0.5 }) };
  if (kind < 34) return { path: `Pictures/${folder}/map ${number}.png`, content: makePicture({ kind: 'png', seed, widthPx: 320 + (size >> 1), heightPx: 240 + (size >> 2), grain: 0.1 }) };
  if (kind < 38) {
    const media = MEDIA_KINDS[number % MEDIA_KINDS.length]!;
    return { path: `Media/${folder}/clip ${number}.${media}`, content: makeMedia({ kind: media, seed, widthPx: 320, heightPx: 240, frames: 2 }) };
  }
  if (kind < 70) {
    const document = DOCUMENT_KINDS[number % DOCUMENT_KINDS.length]!;
    return { path: `Documents/${folder}/report ${number}.${document}`, content: makeDocument(document, seed, 2000 + size * 150) };
  }
  if (kind < 76) return { path: `Archives/${folder}/season ${number}.csv.gz`, content: gzipSync(makeDocument('csv', seed, 4000 + size * 900), { level: 1 }) };
  if (kind < 98) return { path: `Cache/${folder}/object ${number}.dat`, content: generatedBytes(seed, 4000 + size * size) };
  return { path: `Videos/${folder}/match ${number}.mp4`, content: makePseudoVideo(seed, 2 * MIB + size * 8192) };
}
