import type { KnownRecord } from './known-record.ts';

/** Lines of `md5sum`, `sha1sum` or `sha256sum`: digest, two spaces, name. */
export function* sumLines(records: Iterable<KnownRecord>, algorithm: 'md5' | 'sha1' | 'sha256'): Generator<string> {
  for (const record of records) yield `${record[algorithm]}  ${record.fileName}\n`;
}

/** A hashdeep 1.0 file with size, MD5, SHA-1, SHA-256 and name. */
export function* hashdeepLines(records: Iterable<KnownRecord>): Generator<string> {
  yield '%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,sha256,filename\n## Made by the corpus\n##\n';
  for (const record of records) yield `${record.sizeBytes},${record.md5},${record.sha1},${record.sha256},${record.fileName}\n`;
}

/** A CSV with a header row, names quoted, lines ended by CR LF. */
export function* csvLines(records: Iterable<KnownRecord>, separator: ',' | ';' | '\t' = ','): Generator<string> {
  yield `${['Name', 'Size', 'MD5', 'SHA1', 'SHA256', 'Category'].join(separator)}\r\n`;
  for (const record of records) {
    yield `${[`"${record.fileName.replaceAll('"', '""')}"`, record.sizeBytes, record.md5, record.sha1, record.sha256, record.categoryCode ?? ''].join(separator)}\r\n`;
  }
}

/** An ICSE export: semicolons, MD5 and SHA-1, flags as words, no sizes. */
export function* icseLines(records: Iterable<KnownRecord>): Generator<string> {
  yield 'MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;File Available;Media Type;Baseline\r\n';
  let number = 0;
  for (const record of records) {
    number++;
    yield `${record.md5.toUpperCase()};${record.sha1.toUpperCase()};;${number};Yes;No;N;;1;${number % 2 === 0 ? 'true' : 'F'};Image;${number % 3 === 0 ? 'y' : 'n'}\r\n`;
  }
}
