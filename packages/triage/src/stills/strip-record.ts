/*
 * A video's strip as the store keeps it, sealed as one still is:
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | length of the JSON, little-endian |
 * | … | JSON: times of the frames in seconds, frames in a row, what of the video was not seen |
 * | … | the picture |
 */
import { checkStill, SHEET_BOUNDS, type Still, type StillMode } from '@kerbside/decode';

/** What is told beside the picture of a strip. */
export interface StripFacts {
  /** Time of each frame in the video, left to right and then top to bottom. */
  readonly seconds: readonly number[];
  readonly columns: number;
  /** What of the video was not seen, and why, in sentences. */
  readonly notes: readonly string[];
}

/** Room that the facts may take: 16 times, and a few sentences. */
const MAX_FACTS_BYTES = 16 * 1024;

/** The most that a kept strip has. */
export const MAX_STRIP_RECORD_BYTES = SHEET_BOUNDS.maxBytes + MAX_FACTS_BYTES;

export function packStrip(still: Still, facts: StripFacts): Uint8Array {
  const json = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, still.bytes]);
}

/** Takes apart what {@link packStrip} made; the store has checked that nobody changed it. */
export function unpackStrip(record: Uint8Array, mode: StillMode): { readonly still: Still; readonly strip: StripFacts } {
  const view = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = 4 + view.readUInt32LE(0);
  const bytes = new Uint8Array(view.subarray(end));
  return { still: { ...checkStill(bytes, SHEET_BOUNDS), mode, bytes }, strip: JSON.parse(view.toString('utf8', 4, end)) as StripFacts };
}
