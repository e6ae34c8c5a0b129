import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { createRecordingSink } from '../recording-sink.ts';
import type { FormatFacts } from '../set-format.ts';
import { openSourceFile } from '../source-file.ts';
import { nsrlFormat } from './nsrl-format.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-nsrl-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const digest = (algorithm: string, n: number): string => createHash(algorithm).update(`offside ${n}`).digest('hex');

function make(name: string, sql: string, rows: readonly (readonly (string | number | null)[])[] = [], insert = ''): string {
  const path = join(folder, name);
  rmSync(path, { force: true });
  using database = new DatabaseSync(path);
  database.exec(sql);
  if (insert !== '') {
    const statement = database.prepare(insert);
    for (const row of rows) statement.run(...row);
  }
  return path;
}

function read(path: string) {
  const source = openSourceFile(path);
  try {
    const recorded = createRecordingSink();
    assert.equal(nsrlFormat.sniff(source.head, source.fileName), true);
    const facts = nsrlFormat.read(source, recorded.sink, {}) as FormatFacts;
    return { ...recorded, facts };
  } finally {
    source.close();
  }
}

const ROWS = [1, 2].map((n) => [digest('sha256', n).toUpperCase(), digest('sha1', n).toUpperCase(), digest('md5', n).toUpperCase(), `f${n}.exe`, n * 100, 7]);
const EXPECTED = [1, 2].map((n) => ({ place: n, sha256: digest('sha256', n), sha1: digest('sha1', n), md5: digest('md5', n), sizes: [n * 100] }));

test('a minimal build (table FILE), its version, and not one byte written beside it', () => {
  const path = make(
    'minimal.db',
    "CREATE TABLE FILE (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER, package_id INTEGER); CREATE TABLE VERSION (version TEXT); INSERT INTO VERSION VALUES ('2022.03.1')",
    ROWS,
    'INSERT INTO FILE VALUES (?,?,?,?,?,?)',
  );
  const before = readFileSync(path);
  const result = read(path);
  assert.deepEqual(result.rows, EXPECTED);
  assert.deepEqual(result.facts, { version: '2022.03.1' });
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(readdirSync(folder), ['minimal.db']);
});

test('a full build (view FILE over METADATA) and one with only METADATA and other columns', () => {
  const table = 'CREATE TABLE METADATA (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER, package_id INTEGER)';
  const insert = 'INSERT INTO METADATA VALUES (?,?,?,?,?,?)';
  assert.deepEqual(read(make('full.db', `${table}; CREATE VIEW FILE AS SELECT * FROM METADATA`, ROWS, insert)).rows, EXPECTED);
  assert.deepEqual(read(make('base.db', table, ROWS, insert)).rows, EXPECTED);
});

test('a database without sha256 or sizes is read for what it has; broken rows are counted', () => {
  const path = make('old.db', 'CREATE TABLE FILE (SHA1 TEXT, crc32 TEXT)', [[digest('sha1', 1), '0'], ['xyz', '0'], [null, '0'], ['g'.repeat(40), '0']], 'INSERT INTO FILE VALUES (?,?)');
  const result = read(path);
  assert.deepEqual(result.rows.map((row) => row.sha1), [digest('sha1', 1)]);
  assert.deepEqual(result.rejected, [[2, 'digest-wrong-length'], [3, 'no-digest'], [4, 'digest-not-hex']]);
});

test('an SQLite file that is no RDS, and a damaged one, are refused with what to do', () => {
  assert.throws(() => read(make('other.db', 'CREATE TABLE match_report (goal INTEGER)')), (error: unknown) => error instanceof RefusedError && error.code === 'nsrl-not-rds');
  const damaged = join(folder, 'damaged.db');
  copyFileSync(make('whole.db', 'CREATE TABLE FILE (sha1 TEXT)', Array.from({ length: 2000 }, (_, n) => [digest('sha1', n)]), 'INSERT INTO FILE VALUES (?)'), damaged);
  const bytes = readFileSync(damaged);
  bytes.fill(0xff, 4096 * 3, 4096 * 20);
  writeFileSync(damaged, bytes);
  assert.throws(() => read(damaged), (error: unknown) => error instanceof RefusedError && error.code === 'nsrl-not-readable');
});
