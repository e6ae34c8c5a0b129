import assert from 'node:assert/strict';
import test from 'node:test';
import { findLoadedDecoders } from './native-code.ts';
import { readSourceFiles } from './source-files.ts';

const DOOR = 'packages/decode/src/index.ts';
const files = readSourceFiles(['packages/decode/src/**/*.ts']);

test('whoever opens the door of the decode room loads no decoder', () => {
  assert.ok(files.size > 50, `only ${files.size} files seen: the gate looks at nothing`);
  assert.deepEqual(findLoadedDecoders(DOOR, files), []);
});

test('planted faults: a decoder two imports away is found, one behind import() and one for a type are not; the real handlers load theirs', () => {
  const planted = new Map([
    [DOOR, "export { a } from './a/a.ts';\nexport type { B } from './b.ts';\nconst late = await import('./late.ts');"],
    ['packages/decode/src/a/a.ts', "import {\n  c,\n} from '../c.ts';"],
    ['packages/decode/src/c.ts', "import sharp, { type Sharp } from 'sharp';"],
    ['packages/decode/src/b.ts', "import sharp from 'sharp';"],
    ['packages/decode/src/late.ts', "import sharp from 'sharp';"],
  ]);
  assert.deepEqual(findLoadedDecoders(DOOR, planted), ['packages/decode/src/c.ts: sharp']);
  assert.ok(findLoadedDecoders('packages/decode/src/picture/handle-picture.ts', files).length > 0);
});
