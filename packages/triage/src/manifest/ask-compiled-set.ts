import { CODE_BYTES } from '@kerbside/bytes';
import { openSetRows } from '@kerbside/match';
import type { AskableSet, AskBatch } from './askable-set.ts';
import { createCodeMaker } from './code-maker.ts';
import { CODE_KIND_BYTES, CODE_KIND_PURPOSES, CODE_KINDS, KIND_BITS } from './item-record.ts';

/**
 * A compiled set for a rematch: it holds digests, so it can be asked under any key that is at hand.
 *
 * @throws RefusedError as `openSet`
 */
export function askCompiledSet(path: string): AskableSet {
  const rows = openSetRows(path);
  const { mayHaveSize } = rows;
  return {
    name: rows.facts.name,
    digest: rows.facts.digest,
    kind: 'compiled',
    codeKeyId: null,
    categories: rows.categories,
    kindsOfRows: [...new Set(rows.kindsOfRows.map((kinds) => kinds & KIND_BITS))],
    statesSizes: mayHaveSize !== null,
    hasSize: mayHaveSize ?? (() => true),
    *files(codeKey, kinds): Generator<AskBatch, void, undefined> {
      if (codeKey === null) throw new TypeError('a set of digests is asked under a key');
      const maker = createCodeMaker(codeKey);
      const columns = CODE_KINDS.map((): Uint8Array => new Uint8Array(0));
      for (const batch of rows.batches()) {
        const codes = CODE_KINDS.map((kind, place) => {
          const digests = batch.digests.get(kind);
          if (digests === undefined || (kinds & (1 << place)) === 0) return null;
          if (columns[place]!.length < batch.count * CODE_BYTES) columns[place] = new Uint8Array(batch.count * CODE_BYTES);
          maker.codesOf(CODE_KIND_PURPOSES[place]!, digests, CODE_KIND_BYTES[place]!, batch.count, columns[place]!);
          return columns[place]!;
        });
        yield { count: batch.count, kinds: batch.kinds.subarray(0, batch.count).map((bits) => bits & KIND_BITS), codes, categories: batch.categories, sizesOf: batch.sizesOf };
      }
    },
    findBlocks: null,
    close: () => rows.close(),
  };
}
