/*
 * INTERPOL ICSE export: semicolon-separated with a header row, names in any case, further columns ignored:
 *
 *   MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;
 *   Number of submissions;File Available;Media Type;Baseline
 *
 * Flags are y/yes/t/true and n/no/f/false in any case; anything else is unknown. The export holds no
 * category and no length. "Baseline" is not a UK category: a true flag is kept as the code `baseline`,
 * which stays unmapped unless a confirmed category map says otherwise.
 * Recognised by its header, never by the file's name.
 */
import { RefusedError } from '@kerbside/bytes';
import { csvFieldText, makeCsvFields, splitCsvRow } from '../csv-record.ts';
import { endDigestRow, putDigestField } from '../fields.ts';
import { firstLines, readLines } from '../lines.ts';
import type { RejectReason } from '../row-sink.ts';
import type { SetFormat } from '../set-format.ts';

const SEMICOLON = 0x3b;

/** Raw category code of a row whose Baseline flag is true. */
export const BASELINE_CODE = 'baseline';

/** Columns that tell this export from any other CSV. */
const TELLING = ['md5', 'photodna', 'baseline'] as const;

export const icseFormat: SetFormat = {
  name: 'icse-csv',
  placeUnit: 'line',
  sniff: (head) => isIcseHeader(readHeader(headerLine(firstLines(head, 20)))),
  read(source, sink) {
    const columns = readHeader(headerLine(firstLines(source.head, 20)));
    if (!isIcseHeader(columns)) {
      throw new RefusedError('icse-without-header', `${source.path} does not begin with the header row of an ICSE export (MD5;SHA1;PhotoDNA;…;Baseline): read it as csv, or export it again`);
    }
    const md5 = columns.indexOf('md5');
    const sha1 = columns.indexOf('sha1');
    const baseline = columns.indexOf('baseline');
    const fields = makeCsvFields();
    let headerSeen = false;
    readLines(
      source.utf8Chunks(),
      (bytes, start, end, line) => {
        if (end === start) return;
        if (!headerSeen) {
          headerSeen = true;
          return;
        }
        const count = splitCsvRow(bytes, start, end, SEMICOLON, fields);
        if (count < 0) return sink.rejectRow(line, 'quote-not-closed');
        if (count < columns.length) return sink.rejectRow(line, 'too-few-columns');
        let taken = 0;
        let fault: RejectReason | null = null;
        for (const [column, algorithm] of [[md5, 'md5'], [sha1, 'sha1']] as const) {
          if (column < 0) continue;
          const from = fields.start[column]!;
          const to = fields.end[column]!;
          const problem = putDigestField(sink, algorithm, bytes, from, to);
          if (problem === null && to > from) taken += 1;
          fault ??= problem;
        }
        if (isTrue(csvFieldText(bytes, fields.start[baseline]!, fields.end[baseline]!))) sink.setCategory(BASELINE_CODE);
        endDigestRow(sink, line, taken, fault);
      },
      (line) => sink.rejectRow(line, 'row-too-long'),
    );
    return {};
  },
};

function headerLine(lines: readonly string[]): string {
  return lines.find((line) => line !== '') ?? '';
}

function readHeader(line: string): string[] {
  return line.replace(/^\ufeff/, '').split(';').map((name) => name.replaceAll('"', '').trim().toLowerCase());
}

function isIcseHeader(columns: readonly string[]): boolean {
  return TELLING.every((name) => columns.includes(name));
}

function isTrue(flag: string): boolean {
  return ['y', 'yes', 't', 'true'].includes(flag.toLowerCase());
}
