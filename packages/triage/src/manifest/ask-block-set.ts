import { CODE_BYTES } from '@kerbside/bytes';
import { attachBlockSet, listBlockSetFiles, openBlockSet, type BlockSetFileCode, type SetKey } from '@kerbside/match';
import type { AskableSet, AskBatch } from './askable-set.ts';
import { CODE_KINDS } from './item-record.ts';

const BATCH_FILES = 4096;

/**
 * A block set for a rematch. It holds codes and no digests, so it is asked under its own key alone.
 *
 * @param keys that open it
 * @throws RefusedError as `openBlockSet`
 */
export function askBlockSet(path: string, keys: readonly SetKey[], now: Date): AskableSet {
  const set = openBlockSet(path, keys, now);
  const { facts, shared, wholeFiles } = set;
  const { mayHaveSize } = wholeFiles;
  const lookup = attachBlockSet(shared);
  let [numbers, entries] = [new Uint32Array(0), new Uint32Array(0)];
  return {
    name: facts.name,
    digest: facts.digest,
    kind: 'block',
    codeKeyId: facts.codeKeyId,
    categories: [facts.category === 'unstated' ? 'unmapped' : facts.category],
    kindsOfRows: CODE_KINDS.flatMap((kind, place) => (wholeFiles.facts.rowsWith[kind] > 0 ? [1 << place] : [])),
    statesSizes: mayHaveSize !== null,
    hasSize: mayHaveSize ?? (() => true),
    *files(): Generator<AskBatch, void, undefined> {
      let waiting: BlockSetFileCode[] = [];
      for (const file of listBlockSetFiles(shared)) {
        waiting.push(file);
        if (waiting.length < BATCH_FILES) continue;
        yield batchOf(waiting);
        waiting = [];
      }
      if (waiting.length > 0) yield batchOf(waiting);
    },
    findBlocks(codes, count) {
      if (numbers.length < count) [numbers, entries] = [new Uint32Array(count), new Uint32Array(count)];
      return lookup.find(codes, count, numbers, entries);
    },
    close: () => set.close(),
  };
}

function batchOf(files: readonly BlockSetFileCode[]): AskBatch {
  const kinds = Uint8Array.from(files, ({ kind }) => 1 << CODE_KINDS.indexOf(kind));
  // A file has one code; its column is the only one in which its bit says that there is something.
  const column = new Uint8Array(files.length * CODE_BYTES);
  for (const [row, { code }] of files.entries()) column.set(code, row * CODE_BYTES);
  return {
    count: files.length,
    kinds,
    codes: CODE_KINDS.map(() => column),
    categories: new Uint16Array(files.length),
    sizesOf: (row) => (files[row]!.sizeBytes === null ? null : [files[row]!.sizeBytes]),
  };
}
