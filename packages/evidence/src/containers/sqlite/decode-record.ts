/**
 * A row as SQLite stores it: length of the record's head, one type per column, then the values.
 * Types: 0 null; 1-6 integers of 1, 2, 3, 4, 6, 8 bytes; 7 a double; 8, 9 the numbers 0 and 1;
 * even from 12 a blob of (n - 12) / 2 bytes; odd from 13 a text of (n - 13) / 2 bytes.
 */
import { MalformedError } from '@kerbside/bytes';
import { MAX_SQLITE_COLUMNS, type SqliteHeader } from './sqlite-format.ts';
import { readLength } from './read-varint.ts';

/** An integer beyond 2^53 is a bigint. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;

/**
 * Decodes one record.
 * @throws MalformedError `sqlite-record-damaged`
 */
export function decodeRecord(payload: Buffer, encoding: SqliteHeader['encoding']): SqliteValue[] {
  const head = readLength(payload, 0);
  if (head.value > payload.length || head.value < head.next) throw damaged('the head of a row is longer than the row');
  const values: SqliteValue[] = [];
  let at = head.next;
  let body = head.value;
  while (at < head.value) {
    const { value: type, next } = readLength(payload, at);
    at = next;
    if (values.length >= MAX_SQLITE_COLUMNS) throw damaged(`a row has more than ${MAX_SQLITE_COLUMNS} columns`);
    const length = lengthOf(type);
    if (body + length > payload.length) throw damaged('a value of a row runs past its end');
    values.push(valueOf(type, payload.subarray(body, body + length), encoding));
    body += length;
  }
  return values;
}

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  if (type === 7) return 8;
  if (type === 10 || type === 11) throw damaged(`a value has type ${type}, which SQLite never writes`);
  return INTEGER_BYTES[type] ?? 0;
}

function valueOf(type: number, bytes: Buffer, encoding: SqliteHeader['encoding']): SqliteValue {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 6) {
    const value = bytes.readBigInt64BE(0);
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
  }
  if (type < 6) return bytes.readIntBE(0, bytes.length);
  if (type % 2 === 0) return Uint8Array.from(bytes);
  if (encoding === 'utf8') return bytes.toString('utf8');
  const even = bytes.subarray(0, bytes.length & ~1);
  return (encoding === 'utf16le' ? even : Buffer.from(even).swap16()).toString('utf16le');
}

function damaged(message: string): MalformedError {
  return new MalformedError('sqlite-record-damaged', message);
}
