import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { RefusedError } from '@kerbside/bytes';
import type { DigestAlgorithm } from '../../known-set.ts';
import type { FormatFacts, SetFormat } from '../set-format.ts';

/*
 * NIST NSRL Reference Data Set, version 3: an SQLite file. Minimal builds have a table FILE, full builds a
 * view FILE over METADATA: sha256, sha1, md5 (upper-case hex), file_name, file_size, package_id. Which
 * columns there are is read from the database (sources disagree on crc32), never assumed.
 * One row is kept per distinct content; repeats in several packages come out as duplicates of the build.
 */

const SQLITE_MAGIC = 'SQLite format 3\0';

const DIGEST_COLUMNS: readonly (readonly [column: string, algorithm: DigestAlgorithm, hexLength: number])[] = [
  ['sha256', 'sha256', 64],
  ['sha1', 'sha1', 40],
  ['md5', 'md5', 32],
];

export const nsrlFormat: SetFormat = {
  name: 'nsrl-rds3',
  placeUnit: 'record',
  sniff: (head) => head.toString('latin1', 0, 16) === SQLITE_MAGIC,
  read(source, sink): FormatFacts {
    try {
      // `immutable` keeps SQLite from writing a journal or lock beside a list that may be on read-only media.
      const url = pathToFileURL(source.path);
      url.searchParams.set('immutable', '1');
      using database = openReadOnly(url);
      const { table, columns } = findFileTable(database, source.path);
      const present = DIGEST_COLUMNS.filter(([column]) => columns.has(column));
      const hasSize = columns.has('file_size');
      const rows = database.prepare(`SELECT ${[...present.map(([column]) => `${column} AS ${column}`), ...(hasSize ? ['file_size AS file_size'] : [])].join(', ')} FROM ${table}`);
      rows.setReadBigInts(false);
      let record = 0;
      const text = Buffer.alloc(64);
      for (const row of rows.iterate()) {
        record += 1;
        let taken = 0;
        let bad: 'digest-not-hex' | 'digest-wrong-length' | null = null;
        for (const [column, algorithm, hexLength] of present) {
          const value = row[column];
          if (typeof value !== 'string' || value === '') continue;
          if (value.length !== hexLength) bad = 'digest-wrong-length';
          else {
            text.write(value, 'latin1');
            if (sink.setDigestHex(algorithm, text.subarray(0, hexLength), 0)) taken += 1;
            else bad = 'digest-not-hex';
          }
        }
        if (taken === 0) {
          sink.rejectRow(record, bad ?? 'no-digest');
          continue;
        }
        if (bad !== null) sink.note(record, bad === 'digest-not-hex' ? 'digest-dropped-not-hex' : 'digest-dropped-wrong-length');
        const size = row['file_size'];
        if (size !== undefined && size !== null) sink.setSize(Number(size));
        sink.endRow(record);
      }
      const version = readVersion(database);
      return version === null ? {} : { version };
    } catch (cause) {
      if (cause instanceof RefusedError) throw cause;
      throw new RefusedError(
        'nsrl-not-readable',
        `${source.path} could not be read as SQLite (${(cause as Error).message}): copy it again and compare its digest with the one published`,
        {},
        cause,
      );
    }
  },
};

function openReadOnly(url: URL): DatabaseSync {
  const database = new DatabaseSync(url, { readOnly: true, allowExtension: false });
  // Views in a hostile file could call functions with side effects; only plain ones are left.
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
  return database;
}

/** The first of FILE and METADATA that holds a digest column, with its column names in lower case. */
function findFileTable(database: DatabaseSync, path: string): { table: string; columns: Set<string> } {
  for (const table of ['FILE', 'METADATA']) {
    const columns = new Set(database.prepare(`PRAGMA table_info(${table})`).all().map((column) => String(column['name']).toLowerCase()));
    if (DIGEST_COLUMNS.some(([column]) => columns.has(column))) return { table, columns };
  }
  throw new RefusedError('nsrl-not-rds', `${path} is an SQLite file without the NSRL table FILE or METADATA: give an RDS v3 database`);
}

/** The release as the table VERSION states it, or null. */
function readVersion(database: DatabaseSync): string | null {
  const columns = database.prepare('PRAGMA table_info(VERSION)').all().map((column) => String(column['name']));
  const column = columns.find((name) => name.toLowerCase() === 'version');
  if (column === undefined) return null;
  const row = database.prepare(`SELECT "${column}" AS version FROM VERSION LIMIT 1`).get();
  return row === undefined ? null : String(row['version']);
}
