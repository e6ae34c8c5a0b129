import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { findLayerViolations, readAllowedImports } from './layers.ts';
import { readSourceFiles, REPOSITORY } from './source-files.ts';

const allowed = readAllowedImports(readFileSync(join(REPOSITORY, 'ARCHITECTURE.md'), 'utf8'));

test('every import stays inside the layers of ARCHITECTURE.md', () => {
  const files = readSourceFiles(['packages/*/src/**/*.ts', 'corpus/src/**/*.ts']);
  assert.ok(files.size > 50, `only ${files.size} files seen: the gate looks at nothing`);
  assert.deepEqual([...allowed.keys()].sort(), ['bytes', 'cli', 'corpus', 'decode', 'evidence', 'ledger', 'match', 'triage']);
  assert.deepEqual(findLayerViolations(files, allowed), []);
});

test('planted faults: an import to the right, a deep import and a relative escape are each found', () => {
  const planted = new Map([
    ['packages/bytes/src/a.ts', "import { x } from '@kerbside/triage';"],
    ['packages/match/src/a.ts', "import { x } from '@kerbside/bytes/src/limits.ts';"],
    ['packages/evidence/src/ntfs/a.ts', "import { x } from '../../../match/src/index.ts';"],
    ['packages/ledger/src/a.ts', "import { x } from '@kerbside/match';"],
    ['packages/triage/src/a.ts', "const x = await import('@kerbside/cli');"],
    ['packages/triage/src/fine.ts', "import { x } from '@kerbside/match'; import { y } from './y.ts';"],
  ]);
  assert.deepEqual(findLayerViolations(planted, allowed).map((violation) => violation.file), [
    'packages/bytes/src/a.ts',
    'packages/match/src/a.ts',
    'packages/evidence/src/ntfs/a.ts',
    'packages/ledger/src/a.ts',
    'packages/triage/src/a.ts',
  ]);
});
