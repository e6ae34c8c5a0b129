/** Our reader against SQLite itself on databases made from seeds, and on databases made to mislead. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { test } from 'node:test';
import { makeRandom, mutate, type Random } from '@kerbside/corpus';
import { KerbsideError, MemorySource } from '@kerbside/bytes';
import { openSqlite, type SqliteOptions } from './open-database.ts';
import { parseCreateTable } from './parse-create-table.ts';

function makeDatabase(fill: (database: DatabaseSync, path: string) => void): { bytes: Buffer; log: Buffer | null } {
  const place = mkdtempSync(join(tmpdir(), 'kerbside-sqlite-'));
  const path = join(place, 'a.db');
  const database = new DatabaseSync(path);
  try {
    fill(database, path);
    // The log is taken while the database is open: closing merges it.
    return { bytes: readFileSync(path), log: existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : null };
  } finally {
    database.close();
    rmSync(place, { recursive: true, force: true });
  }
}

function readAll(bytes: Buffer, options: SqliteOptions = {}): { tables: Record<string, unknown[]>; codes: string[] } {
  const database = openSqlite(new MemorySource(bytes), options);
  const codes = database.problems.map(({ code }) => code);
  const tables: Record<string, unknown[]> = {};
  for (const table of database.tables) {
    const rows: unknown[] = [];
    for (const event of database.rows(table)) {
      if (event.type === 'row') rows.push(Object.fromEntries(event.row.values));
      else codes.push(event.problem.code);
    }
    tables[table.name] = rows;
  }
  return { tables, codes };
}

function randomValue(random: Random): SQLInputValue {
  switch (random.below(8)) {
    case 0: return null;
    case 1: return random.below(2);
    case 2: return random.below(2 ** 31) - 2 ** 30;
    case 3: return (BigInt(random.below(2 ** 31)) << 32n) - 2n ** 60n;
    case 4: return random.fraction() * 1e6 - 5e5;
    case 5: return 'Tor für Köln '.repeat(random.below(4));
    case 6: return 'x'.repeat(random.below(9000));
    default: {
      const blob = new Uint8Array(random.below(random.chance(0.1) ? 30_000 : 40));
      random.fill(blob);
      return blob;
    }
  }
}

test('every value of random tables is read as SQLite reads it', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = makeRandom(seed);
    const expected: Record<string, unknown[]> = {};
    const { bytes } = makeDatabase((database) => {
      database.exec(`PRAGMA page_size = ${[512, 1024, 4096, 65536][seed % 4]}; PRAGMA encoding = '${['UTF-8', 'UTF-16le', 'UTF-16be'][seed % 3]}'`);
      for (let table = 0; table < 1 + random.below(4); table++) {
        const key = random.chance(0.5);
        database.exec(`CREATE TABLE "t ${table}" (${key ? 'id INTEGER PRIMARY KEY, ' : ''}a, [b] TEXT DEFAULT 'x', "c" BLOB /* , not a column */)`);
        const insert = database.prepare(`INSERT INTO "t ${table}" (a, b, c) VALUES (?, ?, ?)`);
        database.exec('BEGIN');
        for (let row = random.below(400); row > 0; row--) insert.run(randomValue(random), 'row', randomValue(random));
        database.exec(`COMMIT; DELETE FROM "t ${table}" WHERE rowid % 3 = 0`);
        database.exec(`ALTER TABLE "t ${table}" ADD COLUMN added INTEGER DEFAULT 7`);
        database.exec(`INSERT INTO "t ${table}" (a, added) VALUES (1, 8)`);
        const select = database.prepare(`SELECT * FROM "t ${table}" ORDER BY rowid`);
        select.setReadBigInts(true);
        expected[`t ${table}`] = select.all().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, narrow(value)])));
      }
    });
    const { tables, codes } = readAll(bytes);
    assert.deepEqual(codes, []);
    assert.deepEqual(tables, expected, `seed ${seed}`);
  }
});

function narrow(value: unknown): unknown {
  return typeof value === 'bigint' && value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

test('the write-ahead log counts up to its last complete change, and a spoilt frame ends it', () => {
  const { bytes, log } = makeDatabase((database) => {
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES ('first')");
    database.exec("INSERT INTO t VALUES ('second'); INSERT INTO t VALUES ('third')");
  });
  assert.ok(log !== null && log.length > 0);
  const values = (log: Buffer): unknown[] => readAll(bytes, { log: new MemorySource(log) }).tables['t']!.map((row) => (row as { a: string }).a);
  assert.deepEqual(values(log), ['first', 'second', 'third']);
  const spoilt = Buffer.from(log);
  spoilt[log.length - 10]! ^= 1;
  assert.deepEqual(values(spoilt), ['first', 'second']);
  assert.deepEqual(values(log.subarray(0, log.length - 100)), ['first', 'second']);
});

test('tables without row numbers and virtual tables are told, not read', () => {
  const { bytes } = makeDatabase((database) => database.exec('CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES (1, 2); CREATE VIRTUAL TABLE v USING fts5(text); CREATE TABLE plain (a)'));
  const { codes, tables } = readAll(bytes);
  assert.ok(codes.includes('sqlite-without-rowid') && codes.includes('sqlite-virtual-table'), codes.join());
  assert.deepEqual(tables['plain'], []);
});

test('columns are found in every spelling of CREATE TABLE', () => {
  const names = (sql: string): string[] => parseCreateTable(sql).columns.map(({ name }) => name);
  assert.deepEqual(names('CREATE TABLE t(a, "b ""c""" TEXT, [d e] INT, `f` REAL, PRIMARY KEY (a, "b"), CHECK (a > 1), UNIQUE(f))'), ['a', 'b "c"', 'd e', 'f']);
  assert.deepEqual(names('CREATE TABLE t(a DECIMAL(10, 5), b AS (a + 1), c AS (a) STORED, d DEFAULT (1, 2))'), ['a', 'c', 'd']);
  assert.deepEqual(names('CREATE TABLE t -- x, (\n (a /* , b */, c)'), ['a', 'c']);
  assert.deepEqual(names('nonsense'), []);
  assert.equal(parseCreateTable('CREATE TABLE t(a, b INTEGER PRIMARY KEY)').rowidColumn, 1);
  assert.equal(parseCreateTable('CREATE TABLE t(a, b INTEGER, PRIMARY KEY(b))').rowidColumn, 1);
  assert.equal(parseCreateTable('CREATE TABLE t(b INTEGER PRIMARY KEY DESC)').rowidColumn, -1);
  assert.equal(parseCreateTable('CREATE TABLE t(b INT PRIMARY KEY)').rowidColumn, -1);
  assert.deepEqual(parseCreateTable("CREATE TABLE t(a DEFAULT 'it''s', b DEFAULT -3, c DEFAULT NULL)").columns.map(({ missing }) => missing), ["it's", -3, null]);
});

function bigTable(): Buffer {
  return makeDatabase((database) => {
    database.exec('PRAGMA page_size = 512; CREATE TABLE t (a); BEGIN');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    for (let i = 0; i < 600; i++) insert.run('goal'.repeat(i % 40 === 0 ? 900 : 10));
    database.exec('COMMIT');
  }).bytes;
}

test('a tree and a long row that lead back to themselves end with their problem', () => {
  const root = 2;
  const tree = bigTable();
  const at = (root - 1) * 512;
  assert.equal(tree[at], 5, 'the table needs an interior page for this test');
  const cell = tree.readUInt16BE(at + 12);
  tree.writeUInt32BE(root, at + cell);
  const cycle = readAll(tree);
  assert.deepEqual(cycle.codes, ['sqlite-tree-cycle']);
  assert.ok(cycle.tables['t']!.length > 300, 'the other branches are still read');

  const row = bigTable();
  for (let page = 3; page * 512 < row.length; page++) {
    // A page of a long row begins with the number of the next.
    const next = row.readUInt32BE((page - 1) * 512);
    if (next === page + 1) row.writeUInt32BE(page, (page - 1) * 512);
  }
  assert.ok(readAll(row).codes.every((code) => code === 'sqlite-tree-cycle'));
  assert.ok(readAll(row).codes.length > 0);
});

test('named hostile headers and rows', () => {
  const sound = bigTable();
  const open = (change: (bytes: Buffer) => void): string[] => {
    const bytes = Buffer.from(sound);
    change(bytes);
    try {
      return readAll(bytes).codes;
    } catch (error) {
      assert.ok(error instanceof KerbsideError, String(error));
      return [error.code];
    }
  };
  assert.deepEqual(open((bytes) => bytes.writeUInt16BE(513, 16)), ['sqlite-not-a-database']);
  assert.deepEqual(open((bytes) => bytes.writeUInt8(255, 20)), ['sqlite-not-a-database']);
  assert.deepEqual(open((bytes) => bytes.writeUInt32BE(9, 56)), ['sqlite-encoding-unknown']);
  assert.deepEqual(open((bytes) => bytes.fill(0, 0, 16)), ['sqlite-not-a-database']);
  assert.deepEqual(open((bytes) => bytes.writeUInt16BE(0xffff, 103)), ['sqlite-page-damaged']);
});

test('2,000 damaged and 100 cut databases: rows or problems, never an exception past the reader', () => {
  const sound = bigTable();
  const small = makeDatabase((database) => database.exec("CREATE TABLE t (a, b INTEGER PRIMARY KEY); INSERT INTO t VALUES ('x', 5), (zeroblob(9000), 7); CREATE TABLE u (c); INSERT INTO u VALUES (1.5)")).bytes;
  let told = 0;
  for (let seed = 1; seed <= 2100; seed++) {
    const bytes = seed > 2000 ? sound.subarray(0, Math.floor((sound.length * (seed - 2000)) / 101)) : mutate(seed % 4 === 0 ? sound : small, seed);
    try {
      if (readAll(bytes).codes.length > 0) told += 1;
    } catch (error) {
      assert.ok(error instanceof KerbsideError && error.kind !== 'internal', `seed ${seed}: ${String(error)}`);
      told += 1;
    }
  }
  assert.ok(told > 500, `only ${told} copies were found damaged`);
});
