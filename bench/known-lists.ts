import { join } from 'node:path';
import { contentChunks, hashdeepLines, inventedRecords, recordOfContent, sumLines, writeTextFile, type CorpusFile, type KnownRecord } from '@kerbside/corpus';
import { buildSet } from '@kerbside/match';

/** Records of contents that are on no image, so that a set is not only its hits. */
const INVENTED_RECORDS = 100_000;

/** Records of the files given. */
export function recordsOf(files: readonly CorpusFile[]): KnownRecord[] {
  return files.map((file) => recordOfContent(contentChunks(file.content), file.path.split('/').at(-1)!, 1));
}

/** Builds `sha1.kset`: SHA-1 only and no sizes, so that everything has to be read. Returns its path. */
export async function buildSetWithoutSizes(folder: string, known: readonly KnownRecord[]): Promise<string> {
  const list = join(folder, 'known.sha1');
  writeTextFile(list, sumLines(withInvented(known), 'sha1'));
  const out = join(folder, 'sha1.kset');
  await buildSet({ out, inputs: [list], meaning: 'alert' });
  return out;
}

/** Builds `sized.kset` from a hashdeep list of the same records, with sizes and three digests. Returns its path. */
export async function buildSetWithSizes(folder: string, known: readonly KnownRecord[]): Promise<string> {
  const list = join(folder, 'known.hashdeep');
  writeTextFile(list, hashdeepLines(withInvented(known)));
  const out = join(folder, 'sized.kset');
  await buildSet({ out, inputs: [list], meaning: 'alert' });
  return out;
}

function* withInvented(known: readonly KnownRecord[]): Generator<KnownRecord> {
  yield* known;
  yield* inventedRecords(5, INVENTED_RECORDS);
}
