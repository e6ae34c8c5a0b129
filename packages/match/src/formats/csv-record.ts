/** Most fields of one row looked at; wider rows are cut, the columns that matter come earlier. */
export const MAX_FIELDS = 256;

const QUOTE = 0x22;

/** Where the fields of one CSV row lie: quotes around a field are left out, doubled ones inside it are not undone. */
export interface CsvFields {
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Room for the fields of a row, to be used again for each. */
export function makeCsvFields(): CsvFields {
  return { start: new Int32Array(MAX_FIELDS), end: new Int32Array(MAX_FIELDS) };
}

/**
 * Splits one row (RFC 4180) without copying. A quote counts only at a field's beginning, so that
 * `5" disk` is a plain field.
 *
 * @returns number of fields, or -1 when a quoted field does not end in these bytes
 */
export function splitCsvRow(bytes: Uint8Array, start: number, end: number, delimiter: number, fields: CsvFields): number {
  let count = 0;
  let at = start;
  for (;;) {
    if (at < end && bytes[at] === QUOTE) {
      let close = at + 1;
      while (close < end && (bytes[close] !== QUOTE || bytes[close + 1] === QUOTE)) close += bytes[close] === QUOTE ? 2 : 1;
      if (close >= end) return -1;
      fields.start[count] = at + 1;
      fields.end[count] = close;
      at = close + 1;
      while (at < end && bytes[at] !== delimiter) at++;
    } else {
      fields.start[count] = at;
      while (at < end && bytes[at] !== delimiter) at++;
      fields.end[count] = at;
    }
    count++;
    if (at >= end || count === MAX_FIELDS) return count;
    at++;
  }
}

/** A field's text with doubled quotes undone. */
export function csvFieldText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end).replaceAll('""', '"').trim();
}
