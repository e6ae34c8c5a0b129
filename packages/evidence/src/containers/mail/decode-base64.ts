const PADDING = 64;
const FOREIGN = 0xff;
const VALUES = new Uint8Array(256).fill(FOREIGN);
for (const [value, byte] of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries()) VALUES[byte] = value;
VALUES['='.charCodeAt(0)] = PADDING;

/**
 * Base64 in pieces of any length (RFC 2045, section 6.8). Foreign bytes are passed over; padding ends a group of
 * four and another encoded text may follow it, as some programs write. Whole groups are taken four at a time: the
 * runtime's own decoder is no faster on lines of 76, and stops at padding.
 */
export function* decodeBase64(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let group = 0;
  let digits = 0;
  for (const piece of pieces) {
    const out = Buffer.allocUnsafe(Math.ceil(piece.length / 4) * 3 + 3);
    let to = 0;
    for (let at = 0; at < piece.length; ) {
      while (digits === 0 && at + 4 <= piece.length) {
        const a = VALUES[piece[at]!]!;
        const b = VALUES[piece[at + 1]!]!;
        const c = VALUES[piece[at + 2]!]!;
        const d = VALUES[piece[at + 3]!]!;
        if ((a | b | c | d) >= PADDING) break;
        out[to] = (a << 2) | (b >> 4);
        out[to + 1] = (b << 4) | (c >> 2);
        out[to + 2] = (c << 6) | d;
        to += 3;
        at += 4;
      }
      if (at >= piece.length) break;
      const value = VALUES[piece[at++]!]!;
      if (value < PADDING) {
        group = (group << 6) | value;
        if (++digits < 4) continue;
        out[to++] = group >> 16;
        out[to++] = group >> 8;
        out[to++] = group;
      } else if (value !== PADDING) continue;
      else to = writeRest(out, to, group, digits);
      group = 0;
      digits = 0;
    }
    if (to > 0) yield out.subarray(0, to);
  }
  const rest = Buffer.alloc(2);
  const length = writeRest(rest, 0, group, digits);
  if (length > 0) yield rest.subarray(0, length);
}

/** A group of two or three digits holds one or two bytes. */
function writeRest(out: Buffer, at: number, group: number, digits: number): number {
  if (digits < 2) return at;
  out[at] = digits === 2 ? group >> 4 : group >> 10;
  if (digits === 2) return at + 1;
  out[at + 1] = group >> 2;
  return at + 2;
}
