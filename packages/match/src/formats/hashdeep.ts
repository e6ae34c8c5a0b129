/**
 * hashdeep 1.0 (github.com/jessek/hashdeep, FILEFORMAT):
 *
 *     %%%% HASHDEEP-1.0
 *     %%%% size,md5,sha256,filename
 *     ## comment
 *     3,900150983cd24fb0d6963f7d28e17f72,ba78…15ad,/folder/name, with commas
 *
 * Columns are separated by commas without quoting; `filename` is last, so that further commas
 * belong to it. Kinds we do not look up (whirlpool, tiger) are passed over.
 */
import { RefusedError } from '@kerbside/bytes';
import type { DigestAlgorithm } from '../known-set.ts';
import { endDigestRow, parseSizeField, putDigestField } from './fields.ts';
import { firstLines, readLines } from './lines.ts';
import type { RejectReason } from './row-sink.ts';
import type { SetFormat } from './set-format.ts';

const COMMA = 0x2c;
const HASH_SIGN = 0x23;
const PERCENT = 0x25;

type Column = 'size' | DigestAlgorithm | 'other' | 'filename';

const COLUMNS: Readonly<Record<string, Column>> = {
  size: 'size', md5: 'md5', sha1: 'sha1', 'sha-1': 'sha1', sha256: 'sha256', 'sha-256': 'sha256',
  whirlpool: 'other', tiger: 'other', filename: 'filename',
};

export const hashdeep: SetFormat = {
  name: 'hashdeep',
  placeUnit: 'line',

  sniff: (head) => firstLines(head, 1)[0]?.startsWith('%%%% HASHDEEP-') === true,

  read(source, sink) {
    let columns: readonly Column[] = [];
    let version: string | undefined;

    const readHeading = (text: string): void => {
      const heading = text.replace(/^%+ */, '').trim();
      if (heading.startsWith('HASHDEEP-')) {
        version ??= heading.slice('HASHDEEP-'.length);
        return;
      }
      const named = heading.split(',').map((name) => COLUMNS[name.trim().toLowerCase()]);
      if (named.includes(undefined) || named.at(-1) !== 'filename' || named[0] !== 'size') {
        throw new RefusedError(
          'list-columns-unknown',
          `${source.path} names columns that no hashdeep list has ("${heading.slice(0, 200)}"): it is damaged or of a later version`,
        );
      }
      columns = named.filter((column) => column !== undefined);
    };

    readLines(
      source.utf8Chunks(),
      (bytes, start, end, line) => {
        if (start === end || bytes[start] === HASH_SIGN) return;
        if (bytes[start] === PERCENT) return readHeading(bytes.toString('latin1', start, end));
        if (columns.length === 0) return sink.rejectRow(line, 'not-a-row');
        let at = start;
        let taken = 0;
        let fault: RejectReason | null = null;
        for (const column of columns) {
          if (column === 'filename') break;
          let fieldEnd = at;
          while (fieldEnd < end && bytes[fieldEnd] !== COMMA) fieldEnd++;
          if (fieldEnd === end) return sink.rejectRow(line, 'too-few-columns');
          if (column === 'size') {
            sink.setSize(parseSizeField(bytes, at, fieldEnd));
          } else if (column !== 'other') {
            const problem = putDigestField(sink, column, bytes, at, fieldEnd);
            if (problem === null && fieldEnd > at) taken++;
            fault ??= problem;
          }
          at = fieldEnd + 1;
        }
        endDigestRow(sink, line, taken, fault);
      },
      (line) => sink.rejectRow(line, 'row-too-long'),
    );
    return version === undefined ? {} : { version };
  },
};
