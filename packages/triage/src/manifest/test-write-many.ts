/** A program for tests that are killed: writes manifests of many items under one name, one after the other, without end. */
import { makeUnitKeys } from '@kerbside/ledger';
import { createManifestWriter } from './manifest-writer.ts';
import { factsOf, readItem } from './test-manifests.ts';

const [path = ''] = process.argv.slice(2);
const unit = makeUnitKeys('Unit A, Exampleshire');
const items = Array.from({ length: 3000 }, (_, n) => readItem(n, n));
process.stdout.write('ready\n');
for (let round = 0; ; round++) {
  const writer = createManifestWriter(path, factsOf({ runId: `run-${round}` }), { unit, setCodeKeys: [] });
  writer.add(items);
  writer.finish(true);
  process.stdout.write('written\n');
}
