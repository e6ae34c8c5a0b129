const NEWLINE = 0x0a;
const GREATER = 0x3e;
const FROM = Buffer.from('From ', 'latin1');

/** A line longer than this is passed on in pieces; no line that an mbox writer has quoted is. */
const MAX_CARRIED_BYTES = 64 * 1024;

/**
 * Takes off the `>` that an mbox writer puts before a line `From `, or before such a quoted line (mboxrd).
 * A writer of the older kind (mboxo) quotes only bare lines, for which this is right too.
 */
export function* unescapeFrom(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let carried = Buffer.alloc(0);
  let atLineStart = true;
  for (const piece of pieces) {
    const bytes = Buffer.concat([carried, piece]);
    const newline = bytes.lastIndexOf(NEWLINE);
    const whole = newline >= 0 ? newline + 1 : bytes.length > MAX_CARRIED_BYTES ? bytes.length : 0;
    if (whole > 0) yield stripQuotes(bytes.subarray(0, whole), atLineStart);
    if (whole > 0) atLineStart = bytes[whole - 1] === NEWLINE;
    carried = bytes.subarray(whole);
  }
  if (carried.length > 0) yield stripQuotes(carried, atLineStart);
}

function stripQuotes(bytes: Buffer, atLineStart: boolean): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (let at = bytes.indexOf(FROM); at >= 0; at = bytes.indexOf(FROM, at + 1)) {
    let first = at;
    while (first > done && bytes[first - 1] === GREATER) first -= 1;
    const startsLine = first === 0 ? atLineStart : bytes[first - 1] === NEWLINE;
    if (first === at || !startsLine) continue;
    parts.push(bytes.subarray(done, first));
    done = first + 1;
  }
  if (parts.length === 0) return bytes;
  parts.push(bytes.subarray(done));
  return Buffer.concat(parts);
}
