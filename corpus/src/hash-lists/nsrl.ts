import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { KnownRecord } from './known-record.ts';

/**
 * Writes an NSRL RDS v3 database: tables PKG, OS, MFG, and FILE as a table ("minimal" builds) or as
 * a view over METADATA (full builds). Digests are upper-case hex.
 */
export function writeNsrlDatabase(path: string, records: Iterable<KnownRecord>, build: 'minimal' | 'full' = 'minimal'): void {
  rmSync(path, { force: true });
  const database = new DatabaseSync(path);
  try {
    const columns = 'sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER, package_id INTEGER';
    database.exec(`
      PRAGMA journal_mode = OFF;
      CREATE TABLE PKG (package_id INTEGER PRIMARY KEY, name TEXT, version TEXT, operating_system_id INTEGER, manufacturer_id INTEGER, language TEXT, application_type TEXT);
      CREATE TABLE OS (operating_system_id INTEGER PRIMARY KEY, name TEXT, version TEXT, manufacturer_id INTEGER);
      CREATE TABLE MFG (manufacturer_id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE VERSION (version TEXT, build_set TEXT, build_date TEXT, release_date TEXT, description TEXT);
      CREATE TABLE ${build === 'minimal' ? 'FILE' : 'METADATA'} (${columns});
      INSERT INTO MFG VALUES (1, 'Pitchside Software');
      INSERT INTO OS VALUES (1, 'Any', '1', 1);
      INSERT INTO PKG VALUES (1, 'League Table', '2.1', 1, 1, 'English', 'Sport');
      INSERT INTO VERSION VALUES ('2026.03.1', 'modern', '2026-03-01', '2026-03-01', 'Made by the corpus');
    `);
    if (build === 'full') database.exec('CREATE VIEW FILE AS SELECT sha256, sha1, md5, file_name, file_size, package_id FROM METADATA');
    const insert = database.prepare(`INSERT INTO ${build === 'minimal' ? 'FILE' : 'METADATA'} VALUES (?, ?, ?, ?, ?, 1)`);
    database.exec('BEGIN');
    for (const record of records) {
      insert.run(record.sha256.toUpperCase(), record.sha1.toUpperCase(), record.md5.toUpperCase(), record.fileName, record.sizeBytes);
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
