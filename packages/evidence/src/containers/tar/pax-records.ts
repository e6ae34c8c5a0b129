/*
 * PAX extended header (POSIX.1-2001): records `length key=value\n`, where the length counts all of the record.
 * GNU sparse keys: 0.0 `GNU.sparse.offset` and `.numbytes` in turn, 0.1 `GNU.sparse.map`, 1.0 `.major`, `.minor`,
 * `.realsize` with the map before the content; `.name` is the true name.
 */
export type PaxRecords = ReadonlyMap<string, Buffer>;

/** Collects the runs of format 0.0, which repeats its keys. */
export interface PaxExtension {
  readonly records: PaxRecords;
  readonly sparsePairs: readonly number[];
  /** False when the text breaks before its end. */
  readonly isWhole: boolean;
}

export const NO_PAX: PaxExtension = { records: new Map(), sparsePairs: [], isWhole: true };

/** Records read from one extended header; real ones have a dozen. */
const MAX_RECORDS = 100_000;

export function readPax(text: Buffer): PaxExtension {
  const records = new Map<string, Buffer>();
  const sparsePairs: number[] = [];
  let at = 0;
  for (let count = 0; at < text.length && count < MAX_RECORDS; count++) {
    const space = text.indexOf(0x20, at);
    const digits = space < 0 || space - at > 8 ? '' : text.toString('latin1', at, space);
    const end = at + Number(/^\d+$/.test(digits) ? digits : 0);
    const equals = text.indexOf(0x3d, space);
    if (end <= space || end > text.length || equals < 0 || equals >= end || text[end - 1] !== 0x0a) return { records, sparsePairs, isWhole: isPadding(text, at) };
    const key = text.toString('utf8', space + 1, equals);
    const value = text.subarray(equals + 1, end - 1);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparsePairs.push(decimal(value));
    records.set(key, value);
    at = end;
  }
  return { records, sparsePairs, isWhole: at >= text.length };
}

function isPadding(text: Buffer, at: number): boolean {
  return text.subarray(at).every((byte) => byte === 0);
}

/** A whole decimal number; -1 when it is none. */
export function decimal(value: Buffer | undefined): number {
  const text = value?.toString('latin1') ?? '';
  const number = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  return Number.isSafeInteger(number) ? number : -1;
}
