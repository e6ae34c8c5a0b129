import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { RefusedError, type Problem, type ByteRange } from '@kerbside/bytes';
import { guarded } from './journal-guard.ts';
import { CONTENT_SCHEMA, createContentJournal, type ContentJournal } from './content/content-journal.ts';
import type { ReportHit } from './report-types.ts';
import { createSurveyJournal, SURVEY_SCHEMA, type SurveyJournal } from './survey/survey-journal.ts';

/*
 * One SQLite file per run. WAL with synchronous=FULL: what a commit acknowledged survives a kill and
 * a pulled plug. Batches are numbers of a plan that the same bytes and sets always give again, so a
 * batch is two integers here and not a list of items; a fingerprint of the plan guards that.
 *
 *   fact(name, value)                       identity, clock, resumed count, plan fingerprints, state
 *   batch(stage, number, leaves, manifest)  done, with everything it brought, in one transaction; leaves of its entries,
 *                                           records for the manifest where one is kept
 *   hit(key, body)                          one a matching row, view and item
 *   item_problem(ordinal, seq, body)        why an item was not read
 *   unlisted_hit(stage, batch, set, count)  hits of sets that are no alert, only counted
 *   unreadable(offset, length)              ranges of the source met as unreadable
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (stage INTEGER NOT NULL, number INTEGER NOT NULL, leaves BLOB NOT NULL, manifest BLOB, PRIMARY KEY (stage, number)) STRICT;
CREATE TABLE IF NOT EXISTS hit (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item_problem (ordinal INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (ordinal, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unlisted_hit (stage INTEGER NOT NULL, batch INTEGER NOT NULL, set_index INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (stage, batch, set_index)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unreadable (offset INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (offset, length)) STRICT, WITHOUT ROWID;
${SURVEY_SCHEMA}${CONTENT_SCHEMA}`;

const JOURNAL_FORMAT_VERSION = '4';

/** More than any batch has: 2,048 entries of at most nine problems, twice. */
const MAX_PROBLEMS_PER_BATCH = 2 ** 20;

/** What one finished batch brought; goes in whole or not at all. */
export interface BatchRecord {
  readonly stage: number;
  readonly number: number;
  readonly hits: readonly KeyedHit[];
  readonly problems: readonly ItemProblem[];
  readonly unreadable: readonly ByteRange[];
  /** Hits of sets that are no alert, counted and not listed, by set. */
  readonly unlistedHits: ReadonlyMap<number, number>;
  /** One leaf of the certificate's tree an entry, side by side. */
  readonly leaves: Uint8Array;
  /** Records for the manifest; null where none is kept. */
  readonly manifest: Uint8Array | null;
}

/** A hit and what makes it one hit and not two. */
export interface KeyedHit {
  readonly key: string;
  readonly hit: ReportHit;
}

export interface ItemProblem {
  readonly ordinal: number;
  readonly problem: Problem;
}

export interface Journal {
  /** True when the file held this run already. */
  readonly resumed: boolean;
  fact(name: string): string | null;
  setFact(name: string, value: string): void;
  /** Writes finished batches in one transaction. Durable when it returns. */
  commit(batches: readonly BatchRecord[], facts: Readonly<Record<string, string>>): void;
  doneBatches(stage: number): Set<number>;
  /** Leaves of the finished batches of a stage, in order of their numbers. */
  leaves(stage: number): Iterable<{ readonly number: number; readonly leaves: Uint8Array }>;
  /** Records for the manifest of all finished batches. */
  manifestRecords(): Iterable<Uint8Array>;
  readonly survey: SurveyJournal;
  readonly content: ContentJournal;
  hits(): KeyedHit[];
  /** Counted, not listed hits by set. */
  unlistedHits(): Map<number, number>;
  /** In the order of the items; one at a time, as a failing disk has many. */
  itemProblems(): Iterable<ItemProblem>;
  /** In order of offset; ranges that touch are joined on the way, as a failing disk has a great many. */
  unreadable(): ByteRange[];
  close(): void;
}

/**
 * Opens or makes the journal of a run.
 *
 * @param path the journal's file
 * @param identity what makes two runs the same run: source, sets, plan, version
 * @throws RefusedError `out-folder-of-other-run`, `journal-in-use`, `journal-not-readable`, `out-folder-full`
 */
export function openJournal(path: string, identity: string): Journal {
  return guarded(path, () => {
    const database = new DatabaseSync(path);
    try {
      database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
      database.exec('BEGIN IMMEDIATE');
      database.exec(SCHEMA);
      const resumed = claim(database, path, identity);
      database.exec('COMMIT');
      return journalOver(database, path, resumed);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function claim(database: DatabaseSync, path: string, identity: string): boolean {
  const known = readFact(database, 'identity');
  if (known === null) {
    const insert = database.prepare('INSERT INTO fact (name, value) VALUES (?, ?)');
    insert.run('identity', identity);
    insert.run('format', JOURNAL_FORMAT_VERSION);
    return false;
  }
  if (known !== identity || readFact(database, 'format') !== JOURNAL_FORMAT_VERSION) {
    throw new RefusedError(
      'out-folder-of-other-run',
      `${path} belongs to another run (other source, other sets or another version). Give --out another folder.`,
    );
  }
  return true;
}

function journalOver(database: DatabaseSync, path: string, resumed: boolean): Journal {
  const putFact = database.prepare('INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const putBatch = database.prepare('INSERT INTO batch (stage, number, leaves, manifest) VALUES (?, ?, ?, ?)');
  const putHit = database.prepare('INSERT OR IGNORE INTO hit (key, body) VALUES (?, ?)');
  const putProblem = database.prepare('INSERT OR IGNORE INTO item_problem (ordinal, seq, body) VALUES (?, ?, ?)');
  const putUnlisted = database.prepare('INSERT INTO unlisted_hit (stage, batch, set_index, count) VALUES (?, ?, ?, ?)');
  const putRange = database.prepare('INSERT OR IGNORE INTO unreadable (offset, length) VALUES (?, ?)');

  const putRecord = (record: BatchRecord): void => {
    putBatch.run(record.stage, record.number, record.leaves, record.manifest);
    for (const { key, hit } of record.hits) putHit.run(key, JSON.stringify(hit));
    // An item with two views may be in two batches: the number of the batch keeps their problems apart, and in order.
    for (const [seq, { ordinal, problem }] of record.problems.entries()) putProblem.run(ordinal, record.number * MAX_PROBLEMS_PER_BATCH + seq, JSON.stringify(problem));
    for (const [setIndex, count] of record.unlistedHits) putUnlisted.run(record.stage, record.number, setIndex, count);
    for (const range of record.unreadable) putRange.run(range.offset, range.length);
  };

  return {
    resumed,
    fact: (name) => guarded(path, () => readFact(database, name)),
    setFact: (name, value) => guarded(path, () => void putFact.run(name, value)),
    commit(batches, facts) {
      guarded(path, () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          for (const record of batches) putRecord(record);
          for (const [name, value] of Object.entries(facts)) putFact.run(name, value);
          database.exec('COMMIT');
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
    },
    doneBatches: (stage) => new Set(all(database.prepare('SELECT number FROM batch WHERE stage = ?'), stage).map((row) => Number(row['number']))),
    *leaves(stage) {
      for (const row of database.prepare('SELECT number, leaves FROM batch WHERE stage = ? ORDER BY number').iterate(stage)) yield { number: Number(row['number']), leaves: row['leaves'] as Uint8Array };
    },
    *manifestRecords() {
      for (const row of database.prepare('SELECT manifest FROM batch WHERE manifest IS NOT NULL ORDER BY stage, number').iterate()) yield row['manifest'] as Uint8Array;
    },
    survey: createSurveyJournal(database, path),
    content: createContentJournal(database, path),
    hits: () =>
      all(database.prepare('SELECT key, body FROM hit ORDER BY key')).map((row) => ({ key: String(row['key']), hit: JSON.parse(String(row['body'])) as ReportHit })),
    unlistedHits: () =>
      new Map(all(database.prepare('SELECT set_index, SUM(count) AS count FROM unlisted_hit GROUP BY set_index')).map((row) => [Number(row['set_index']), Number(row['count'])])),
    *itemProblems() {
      for (const row of database.prepare('SELECT ordinal, body FROM item_problem ORDER BY ordinal, seq').iterate()) {
        yield { ordinal: Number(row['ordinal']), problem: JSON.parse(String(row['body'])) as Problem };
      }
    },
    unreadable() {
      const ranges: ByteRange[] = [];
      let open = { offset: 0, length: 0 };
      for (const row of database.prepare('SELECT offset, length FROM unreadable ORDER BY offset, length').iterate()) {
        const [offset, length] = [Number(row['offset']), Number(row['length'])];
        if (ranges.length > 0 && offset <= open.offset + open.length) open.length = Math.max(open.length, offset + length - open.offset);
        else ranges.push((open = { offset, length }));
      }
      return ranges;
    },
    close() {
      try {
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // A full disk: the write-ahead file stays beside the journal and is read on the next start.
      }
      database.close();
    },
  };
}

function readFact(database: DatabaseSync, name: string): string | null {
  const row = database.prepare('SELECT value FROM fact WHERE name = ?').get(name);
  return row === undefined ? null : String(row['value']);
}

function all(statement: StatementSync, ...values: number[]): Record<string, unknown>[] {
  return statement.all(...values);
}
