import type { PdqDialect } from '../near/pdq-hash.ts';
import { PLAIN_PICTURE, type PdqRowFault, type PdqStated } from '../near/near-collector.ts';
import { parseSizeField } from './fields.ts';
import type { RowSink } from './row-sink.ts';

const SEPARATORS = [',', ';', '\t', ' '].map((text) => text.charCodeAt(0));

/** A quality as a list writes it: 0 to 100; -1 when there is none, NaN when it is something else. */
export function parseQuality(bytes: Uint8Array, start: number, end: number): number {
  const quality = parseSizeField(bytes, start, end);
  return quality > 100 ? Number.NaN : quality;
}

/** A dialect as people write it; null when it is none that is known. */
export function parseDialect(text: string): PdqDialect | null {
  const name = text.toLowerCase().replace(/[\s_-]/g, '');
  if (name === '512nn' || name === '512') return '512nn';
  return name === 'full' || name === 'fullres' ? 'full' : name === 'unknown' ? 'unknown' : null;
}

/** Adds `hash` or `hash,quality` (also with `;`, a tab or a space between) to the current row. */
export function putPdqValue(sink: RowSink, bytes: Uint8Array, start: number, end: number, place: number, stated: PdqStated = PLAIN_PICTURE): PdqRowFault | null {
  while (start < end && bytes[start]! <= 0x20) start++;
  let split = start;
  while (split < end && !SEPARATORS.includes(bytes[split]!)) split++;
  const quality = parseQuality(bytes, Math.min(end, split + 1), end);
  if (Number.isNaN(quality)) sink.note(place, 'value-dropped');
  return sink.addPdq(bytes, start, split, place, quality >= 0 ? { ...stated, quality } : stated);
}
