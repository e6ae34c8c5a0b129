import type { DatabaseSync } from 'node:sqlite';
import type { Problem } from '@kerbside/bytes';
import { guarded } from '../journal-guard.ts';
import type { KeyedHit, ItemProblem } from '../journal.ts';
import type { ContentCounts } from './content-job.ts';
import type { MediaFacts } from './media-facts.ts';
import type { NearHit } from './near-hit.ts';

/*
 * What the content lane keeps in the journal of a run:
 *
 *   content_batch(number, leaves, counts)    a finished batch: one leaf an item, and what was counted
 *   media(ordinal, member, body)             facts of a picture or video that was decoded
 *   near_hit(key, body)                      one a picture and set
 *   content_problem(ordinal, seq, body)      why something in an item was not looked at; the item itself may be read whole
 *
 * Hits of members go where those of items go.
 */
export const CONTENT_SCHEMA = `
CREATE TABLE IF NOT EXISTS content_batch (number INTEGER PRIMARY KEY, leaves BLOB NOT NULL, counts TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS media (ordinal INTEGER NOT NULL, member TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (ordinal, member)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS near_hit (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS content_problem (ordinal INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (ordinal, seq)) STRICT, WITHOUT ROWID;
`;

/** What one finished batch brought; goes in whole or not at all. */
export interface ContentRecord {
  readonly number: number;
  readonly leaves: Uint8Array;
  readonly counts: ContentCounts;
  readonly hits: readonly KeyedHit[];
  readonly near: readonly KeyedNearHit[];
  readonly media: readonly SeenRecord[];
  readonly problems: readonly ItemProblem[];
}

export interface KeyedNearHit {
  readonly key: string;
  readonly hit: NearHit;
}

/** A picture or video and the item that holds it. */
export interface SeenRecord {
  readonly ordinal: number;
  readonly facts: MediaFacts;
}

export interface ContentJournal {
  /** Durable when it returns. */
  commit(records: readonly ContentRecord[], facts: Readonly<Record<string, string>>): void;
  doneBatches(): Set<number>;
  /** What the finished batches counted. */
  counts(): Iterable<ContentCounts>;
  leaves(): Iterable<{ readonly number: number; readonly leaves: Uint8Array }>;
  nearHits(): KeyedNearHit[];
  /** In the order of the items. */
  problems(): Iterable<Problem>;
  hasMedia(): boolean;
  /** In order of item and member, one at a time: a device may hold a million. */
  media(): Iterable<SeenRecord>;
}

export function createContentJournal(database: DatabaseSync, path: string): ContentJournal {
  const putBatch = database.prepare('INSERT INTO content_batch (number, leaves, counts) VALUES (?, ?, ?)');
  const putMedia = database.prepare('INSERT OR IGNORE INTO media (ordinal, member, body) VALUES (?, ?, ?)');
  const putNear = database.prepare('INSERT OR IGNORE INTO near_hit (key, body) VALUES (?, ?)');
  const putHit = database.prepare('INSERT OR IGNORE INTO hit (key, body) VALUES (?, ?)');
  const putProblem = database.prepare('INSERT INTO content_problem (ordinal, seq, body) VALUES (?, ?, ?)');
  const putFact = database.prepare('INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const put = (record: ContentRecord): void => {
    putBatch.run(record.number, record.leaves, JSON.stringify(record.counts));
    for (const { ordinal, facts } of record.media) putMedia.run(ordinal, facts.member, JSON.stringify(facts));
    for (const { key, hit } of record.near) putNear.run(key, JSON.stringify(hit));
    for (const { key, hit } of record.hits) putHit.run(key, JSON.stringify(hit));
    for (const [seq, { ordinal, problem }] of record.problems.entries()) putProblem.run(ordinal, seq, JSON.stringify(problem));
  };
  return {
    commit(records, facts) {
      guarded(path, () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          for (const record of records) put(record);
          for (const [name, value] of Object.entries(facts)) putFact.run(name, value);
          database.exec('COMMIT');
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
    },
    doneBatches: () => new Set(database.prepare('SELECT number FROM content_batch').all().map((row) => Number(row['number']))),
    *counts() {
      for (const row of database.prepare('SELECT counts FROM content_batch ORDER BY number').iterate()) yield JSON.parse(String(row['counts'])) as ContentCounts;
    },
    *leaves() {
      for (const row of database.prepare('SELECT number, leaves FROM content_batch ORDER BY number').iterate()) yield { number: Number(row['number']), leaves: row['leaves'] as Uint8Array };
    },
    nearHits: () => database.prepare('SELECT key, body FROM near_hit ORDER BY key').all().map((row) => ({ key: String(row['key']), hit: JSON.parse(String(row['body'])) as NearHit })),
    *problems() {
      for (const row of database.prepare('SELECT body FROM content_problem ORDER BY ordinal, seq').iterate()) yield JSON.parse(String(row['body'])) as Problem;
    },
    hasMedia: () => database.prepare('SELECT 1 FROM media LIMIT 1').get() !== undefined,
    *media() {
      for (const row of database.prepare('SELECT ordinal, body FROM media ORDER BY ordinal, member').iterate()) yield { ordinal: Number(row['ordinal']), facts: JSON.parse(String(row['body'])) as MediaFacts };
    },
  };
}
