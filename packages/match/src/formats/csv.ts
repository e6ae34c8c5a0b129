/**
 * CSV with a header row (RFC 4180, with `,` `;` or tab between fields). Which column is what is
 * said by the officer (`--column md5=NAME`) or recognised by usual names; a file without a header
 * row is refused, because a column taken for the wrong thing would make a set that never hits.
 */
import { RefusedError } from '@kerbside/bytes';
import { countHexDigits } from '../hex.ts';
import { assignColumns, DIGEST_ROLES, type ColumnMap, type ColumnRole } from './column-map.ts';
import { csvFieldText, makeCsvFields, splitCsvRow, type CsvFields } from './csv-record.ts';
import { endDigestRow, isBlank, kindOfHexLength, parseSizeField, putDigestField } from './fields.ts';
import { firstLines, readLines } from './lines.ts';
import { PLAIN_PICTURE } from '../near/near-collector.ts';
import { parseDialect, parseQuality, putPdqValue } from './pdq-fields.ts';
import type { RejectReason, RowSink } from './row-sink.ts';
import type { SetFormat } from './set-format.ts';

const DELIMITERS = [',', ';', '\t'] as const;

/** Lines one quoted field may span before its quote is taken for a stray one. */
const MAX_LINES_PER_ROW = 100;

/** What the header row says. */
export interface CsvHeader {
  readonly delimiter: number;
  readonly roles: readonly (ColumnRole | null)[];
  readonly missing: readonly string[];
}

/** Reads a header row: the delimiter that gives the most columns with a role wins. Null when no column holds a digest. */
export function readCsvHeader(line: string, map?: ColumnMap): CsvHeader | null {
  const bytes = Buffer.from(line, 'utf8');
  const fields = makeCsvFields();
  let best: CsvHeader | null = null;
  let bestCount = 0;
  for (const delimiter of DELIMITERS) {
    const count = splitCsvRow(bytes, 0, bytes.length, delimiter.charCodeAt(0), fields);
    const names = Array.from({ length: Math.max(0, count) }, (_, i) => csvFieldText(bytes, fields.start[i]!, fields.end[i]!));
    const { roles, missing } = assignColumns(names, map);
    const known = roles.filter((role) => role !== null).length;
    const holdsDigest = roles.some((role) => role !== null && DIGEST_ROLES.includes(role));
    if (holdsDigest && known > bestCount) {
      best = { delimiter: delimiter.charCodeAt(0), roles, missing };
      bestCount = known;
    }
  }
  return best;
}

export const csv: SetFormat = {
  name: 'csv',
  placeUnit: 'line',

  sniff: (head) => readCsvHeader(headerLine(firstLines(head, 20))) !== null,

  read(source, sink, options) {
    const first = headerLine(firstLines(source.head, 20));
    const header = readCsvHeader(first, options.columns);
    if (header === null || header.missing.length > 0) {
      throw new RefusedError(
        header === null && options.columns === undefined ? 'list-csv-without-header' : 'list-column-not-found',
        header === null && options.columns === undefined
          ? `the first row of ${source.path} names no digest column: a CSV needs a header row; if it has one, say which column is which with --column, e.g. --column md5=NAME`
          : `${source.path} has no column named ${(header?.missing ?? Object.values(options.columns ?? {})).join(', ')}: its header row is "${first.slice(0, 300)}"`,
      );
    }
    const rows = makeRowReader(header, sink);
    let headerSeen = false;
    readLines(
      source.utf8Chunks(),
      (bytes, start, end, line) => {
        if (headerSeen) return rows.line(bytes, start, end, line);
        // The header is the first line that is not blank; rows begin behind it.
        for (let at = start; at < end && !headerSeen; at++) headerSeen = !isBlank(bytes[at]!);
      },
      (line) => sink.rejectRow(line, 'row-too-long'),
    );
    rows.finish();
    return {};
  },
};

function headerLine(lines: readonly string[]): string {
  return lines.find((line) => line.trim() !== '') ?? '';
}

interface HeldLine {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Turns lines into rows: a quoted field may span lines, which are held until its quote closes. */
function makeRowReader(header: CsvHeader, sink: RowSink): { line: (bytes: Buffer, start: number, end: number, line: number) => void; finish: () => void } {
  const fields = makeCsvFields();
  let held: HeldLine[] = [];

  const takeRow = (bytes: Buffer, start: number, end: number, line: number): boolean => {
    const count = splitCsvRow(bytes, start, end, header.delimiter, fields);
    if (count < 0) return false;
    let taken = 0;
    let fault: RejectReason | null = null;
    let hasPdq = false;
    for (let i = 0; i < header.roles.length && i < count; i++) {
      const role = header.roles[i];
      if (role === null || role === undefined) continue;
      const from = fields.start[i]!;
      const to = fields.end[i]!;
      if (role === 'size') putSize(sink, bytes, from, to);
      else if (role === 'category') putCategory(sink, bytes, from, to);
      else if (role === 'media-id' || role === 'series') sink.setLabel(role, csvFieldText(bytes, from, to));
      else if (role === 'pdq' || role === 'quality' || role === 'dialect') hasPdq ||= role === 'pdq' && to > from;
      else {
        const problem = role === 'hash' ? putAnyDigest(sink, bytes, from, to) : putDigestField(sink, role, bytes, from, to);
        if (problem === null && to > from) taken++;
        fault ??= problem;
      }
    }
    if (hasPdq) putPdqColumns(sink, header.roles, fields, count, bytes, line);
    endDigestRow(sink, line, taken, fault);
    return true;
  };

  /** The held lines' first quote never closed: that line is broken, the others are rows of their own. */
  const giveUpHeld = (): void => {
    while (held.length > 0) {
      const [broken, ...others] = held;
      sink.rejectRow(broken!.line, 'quote-not-closed');
      held = [];
      for (const [i, other] of others.entries()) {
        if (held.length === 0 && takeRow(other.bytes, 0, other.bytes.length, other.line)) continue;
        held = others.slice(i);
        break;
      }
    }
  };

  return {
    line(bytes, start, end, line) {
      if (held.length === 0) {
        if (start === end) return;
        if (takeRow(bytes, start, end, line)) return;
        held.push({ bytes: Buffer.from(bytes.subarray(start, end)), line });
        return;
      }
      held.push({ bytes: Buffer.from(bytes.subarray(start, end)), line });
      const joined = Buffer.concat(held.flatMap(({ bytes: part }, i) => (i === 0 ? [part] : [Buffer.from('\n'), part])));
      if (takeRow(joined, 0, joined.length, held[0]!.line)) held = [];
      else if (held.length >= MAX_LINES_PER_ROW) giveUpHeld();
    },
    finish: giveUpHeld,
  };
}

/** The hash of a row, with quality and dialect from their columns where there are any. */
function putPdqColumns(sink: RowSink, roles: CsvHeader['roles'], fields: CsvFields, count: number, bytes: Buffer, line: number): void {
  const column = (role: ColumnRole): readonly [number, number] | null => {
    const at = roles.indexOf(role);
    return at < 0 || at >= count ? null : [fields.start[at]!, fields.end[at]!];
  };
  const [start, end] = column('pdq') ?? [0, 0];
  const qualityAt = column('quality');
  const dialectAt = column('dialect');
  const quality = qualityAt === null ? -1 : parseQuality(bytes, ...qualityAt);
  if (Number.isNaN(quality)) sink.note(line, 'value-dropped');
  const dialect = dialectAt === null ? null : parseDialect(csvFieldText(bytes, ...dialectAt));
  putPdqValue(sink, bytes, start, end, line, { ...PLAIN_PICTURE, quality: Number.isNaN(quality) ? -1 : quality, dialect });
}

function putSize(sink: RowSink, bytes: Uint8Array, start: number, end: number): void {
  const size = parseSizeField(bytes, start, end);
  if (size !== -1) sink.setSize(size);
}

function putCategory(sink: RowSink, bytes: Buffer, start: number, end: number): void {
  if (end - start === 1) sink.setCategory(String.fromCharCode(bytes[start]!));
  else if (end > start) {
    const code = csvFieldText(bytes, start, end);
    if (code !== '') sink.setCategory(code);
  }
}

function putAnyDigest(sink: RowSink, bytes: Uint8Array, start: number, end: number): RejectReason | null {
  while (start < end && isBlank(bytes[start]!)) start++;
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  if (start === end) return null;
  if (countHexDigits(bytes, start, end) !== end - start) return 'digest-not-hex';
  const kind = kindOfHexLength(end - start);
  return kind === null ? 'digest-wrong-length' : putDigestField(sink, kind, bytes, start, end);
}
