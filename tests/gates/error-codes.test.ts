import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { findDocumentedCodes, findLiterals, findRaisedCodes } from './error-codes.ts';
import { readSourceFiles, REPOSITORY } from './source-files.ts';

test('code and docs/reference/errors.md name the same error codes, in both directions, each once', () => {
  const files = readSourceFiles(['packages/*/src/**/*.ts']);
  const raised = findRaisedCodes(files);
  const literals = findLiterals(files);
  const documented = findDocumentedCodes(readFileSync(join(REPOSITORY, 'docs/reference/errors.md'), 'utf8'));
  assert.ok(raised.size > 30, `only ${raised.size} codes found: the gate looks at nothing`);
  assert.deepEqual([...raised].filter(([code]) => !documented.includes(code)), [], 'raised and not documented');
  assert.deepEqual(documented.filter((code) => !literals.has(code)), [], 'documented and not raised');
  assert.equal(new Set(documented).size, documented.length, 'a code is documented twice');
});

test('planted faults: an undocumented code and a documented code that is gone are both found', () => {
  const raised = findRaisedCodes(
    new Map([['packages/a/src/a.ts', "throw new LimitError(\n  'brand-new-code', 'x'); const p = { kind: 'limit', code: 'other-code' };"]]),
  );
  assert.deepEqual([...raised.keys()], ['brand-new-code', 'other-code']);
  assert.deepEqual([...findLiterals(new Map([['packages/a/src/a.ts', "fault('a-code', 'A sentence.')"]]))], ['a-code']);
  assert.deepEqual(findDocumentedCodes('| code | kind |\n| --- | --- |\n| `old-code` | limit |\n'), ['old-code']);
});
