import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { openJournal, type BatchRecord } from './journal.ts';
import type { ReportHit } from './report-types.ts';

function newPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-journal-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'run.sqlite');
}

const HIT = { path: 'p1/a.jpg', size: 3 } as ReportHit;

function record(number: number, change: Partial<BatchRecord> = {}): BatchRecord {
  return { stage: 0, number, hits: [], problems: [], unreadable: [], unlistedHits: new Map(), leaves: new Uint8Array(0), manifest: null, ...change };
}

test('what was committed is there after opening again, and a hit once', (context) => {
  const path = newPath(context);
  const problem = { kind: 'medium', code: 'unreadable-bytes', message: 'x', where: { path: 'p1/b' } } as const;
  let journal = openJournal(path, 'run-1');
  assert.equal(journal.resumed, false);
  journal.commit([record(0, { hits: [{ key: 'k', hit: HIT }], problems: [{ ordinal: 7, problem }] }), record(3, { unreadable: [{ offset: 512, length: 512 }], unlistedHits: new Map([[1, 4]]) })], { elapsedMs: '5' });
  journal.close();
  journal = openJournal(path, 'run-1');
  assert.equal(journal.resumed, true);
  journal.commit([record(4, { hits: [{ key: 'k', hit: HIT }], unlistedHits: new Map([[1, 2]]) })], {});
  assert.deepEqual([...journal.doneBatches(0)].sort((a, b) => a - b), [0, 3, 4]);
  assert.deepEqual([...journal.doneBatches(1)], []);
  assert.deepEqual(journal.hits(), [{ key: 'k', hit: HIT }]);
  assert.deepEqual([...journal.itemProblems()], [{ ordinal: 7, problem }]);
  assert.deepEqual(journal.unreadable(), [{ offset: 512, length: 512 }]);
  assert.deepEqual([...journal.unlistedHits()], [[1, 6]]);
  assert.equal(journal.fact('elapsedMs'), '5');
  journal.close();
});

test('a batch goes in whole or not at all', (context) => {
  const journal = openJournal(newPath(context), 'run-1');
  journal.commit([record(0)], {});
  assert.throws(() => journal.commit([record(1, { hits: [{ key: 'k', hit: HIT }] }), record(0)], {}));
  assert.deepEqual([...journal.doneBatches(0)], [0]);
  assert.deepEqual(journal.hits(), []);
  journal.close();
});

test('another run, a file in use and a file that is no journal are refused', (context) => {
  const path = newPath(context);
  const journal = openJournal(path, 'run-1');
  assert.throws(() => openJournal(path, 'run-1'), (error) => error instanceof RefusedError && error.code === 'journal-in-use');
  journal.close();
  assert.throws(() => openJournal(path, 'run-2'), (error) => error instanceof RefusedError && error.code === 'out-folder-of-other-run');
  const other = newPath(context);
  writeFileSync(other, 'not a database, but long enough to be read as one '.repeat(100));
  assert.throws(() => openJournal(other, 'run-1'), (error) => error instanceof RefusedError && error.code === 'journal-not-readable');
});
