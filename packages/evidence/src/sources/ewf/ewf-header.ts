import { asPlainText } from '../plain-text.ts';
import { inflateBounded } from './ewf-chunk.ts';

/**
 * `header` and `header2`: a zlib stream of text, ASCII or UTF-16LE with a mark. Line 1 is a count,
 * line 2 `main`, line 3 the tab-separated field names, line 4 their values.
 */
const MAX_HEADER_BYTES = 1024 * 1024;

/** Field names as the format writes them, in the order we show them. */
const FIELDS: readonly (readonly [string, string])[] = [
  ['c', 'case number'],
  ['n', 'evidence number'],
  ['a', 'description'],
  ['e', 'examiner'],
  ['t', 'notes'],
  ['md', 'drive model'],
  ['sn', 'drive serial'],
  ['av', 'acquiring program version'],
  ['ov', 'acquiring system'],
  ['m', 'acquired'],
  ['u', 'system date'],
];

export interface StatedText {
  readonly name: string;
  readonly value: string;
}

/** What the image states of itself: data, not facts. Null when the stream is damaged. */
export function parseHeader(stream: Uint8Array): readonly StatedText[] | null {
  const bytes = inflateBounded(stream, MAX_HEADER_BYTES);
  if (bytes === null) return null;
  const text = bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le', 2) : bytes.toString('latin1');
  const lines = text.split(/\r?\n/);
  const names = (lines[2] ?? '').split('\t');
  const values = (lines[3] ?? '').split('\t');
  return FIELDS.flatMap(([key, name]) => {
    const value = (values[names.indexOf(key)] ?? '').trim();
    return value === '' ? [] : [{ name: `${name} (as stated by the image)`, value: asPlainText(value) }];
  });
}
