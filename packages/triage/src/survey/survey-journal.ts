import type { DatabaseSync } from 'node:sqlite';
import type { ByteRange, Problem } from '@kerbside/bytes';
import { guarded } from '../journal-guard.ts';
import { keyOf } from './block-hits.ts';
import type { FoundRun } from './survey-job.ts';

/*
 * What the survey keeps in the journal of a run:
 *
 *   survey_batch(number, leaves, body)   a finished batch of reads: its leaves, counts of classes, what was unread
 *   block_run(key, body)                 known blocks met; the same run met twice is one row
 *   block_code(key_index, code)          sampled codes for the manifest
 */
export const SURVEY_SCHEMA = `
CREATE TABLE IF NOT EXISTS survey_batch (number INTEGER PRIMARY KEY, leaves BLOB NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS block_run (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block_code (key_index INTEGER NOT NULL, code BLOB NOT NULL, PRIMARY KEY (key_index, code)) STRICT, WITHOUT ROWID;
`;

/** A finished batch of reads; goes in whole or not at all. */
export interface SurveyRecord {
  readonly number: number;
  readonly leaves: Uint8Array;
  /** Reads by class, in the order of `CONTENT_CLASSES`, and last those not classed. */
  readonly classCounts: readonly number[];
  readonly unread: readonly { readonly read: number; readonly ranges: readonly ByteRange[] }[];
  /** What could not be read around hits; no read of the batch. */
  readonly unreadBeside: readonly ByteRange[];
  readonly problems: readonly Problem[];
}

export interface SurveyJournal {
  /** Durable when it returns. */
  commit(records: readonly SurveyRecord[], runs: readonly FoundRun[], manifestCodes: readonly Uint8Array[], facts: Readonly<Record<string, string>>): void;
  /** Numbers of the finished batches. */
  doneBatches(): Set<number>;
  /** The finished batches in order. */
  records(): Iterable<SurveyRecord>;
  /** Leaves of the batches from `first` to `last`, in order. */
  leaves(first: number, last: number): Iterable<Uint8Array>;
  runs(): FoundRun[];
  /** Sampled codes of one manifest key, ascending, 8 bytes each. */
  manifestCodes(keyIndex: number): Iterable<Uint8Array>;
}

const CODE_BYTES = 8;

export function createSurveyJournal(database: DatabaseSync, path: string): SurveyJournal {
  const putBatch = database.prepare('INSERT INTO survey_batch (number, leaves, body) VALUES (?, ?, ?)');
  const putRun = database.prepare('INSERT OR IGNORE INTO block_run (key, body) VALUES (?, ?)');
  const putCode = database.prepare('INSERT OR IGNORE INTO block_code (key_index, code) VALUES (?, ?)');
  const putRange = database.prepare('INSERT OR IGNORE INTO unreadable (offset, length) VALUES (?, ?)');
  const putFact = database.prepare('INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const putCodes = (keyIndex: number, codes: Uint8Array): void => {
    for (let at = 0; at < codes.byteLength; at += CODE_BYTES) putCode.run(keyIndex, codes.subarray(at, at + CODE_BYTES));
  };
  return {
    commit(records, runs, manifestCodes, facts) {
      guarded(path, () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          for (const { number, leaves, ...body } of records) putBatch.run(number, leaves, JSON.stringify(body));
          for (const { unread, unreadBeside } of records) for (const range of [...unread.flatMap(({ ranges }) => ranges), ...unreadBeside]) putRange.run(range.offset, range.length);
          for (const run of runs) putRun.run(keyOf(run), JSON.stringify(run));
          for (const [keyIndex, codes] of manifestCodes.entries()) putCodes(keyIndex, codes);
          for (const [name, value] of Object.entries(facts)) putFact.run(name, value);
          database.exec('COMMIT');
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
    },
    doneBatches: () => new Set(database.prepare('SELECT number FROM survey_batch').all().map((row) => Number(row['number']))),
    *records() {
      for (const row of database.prepare('SELECT number, leaves, body FROM survey_batch ORDER BY number').iterate()) {
        yield { number: Number(row['number']), leaves: row['leaves'] as Uint8Array, ...(JSON.parse(String(row['body'])) as Omit<SurveyRecord, 'number' | 'leaves'>) };
      }
    },
    *leaves(first, last) {
      for (const row of database.prepare('SELECT leaves FROM survey_batch WHERE number BETWEEN ? AND ? ORDER BY number').iterate(first, last)) yield row['leaves'] as Uint8Array;
    },
    runs: () => database.prepare('SELECT body FROM block_run ORDER BY key').all().map((row) => JSON.parse(String(row['body'])) as FoundRun),
    *manifestCodes(keyIndex) {
      for (const row of database.prepare('SELECT code FROM block_code WHERE key_index = ? ORDER BY code').iterate(keyIndex)) yield row['code'] as Uint8Array;
    },
  };
}
