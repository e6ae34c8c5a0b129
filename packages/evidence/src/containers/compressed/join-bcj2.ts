/*
 * BCJ2 (LZMA SDK, public domain): x86 code in four streams: the code without addresses; absolute addresses of CALL
 * (`E8`); those of JMP (`E9`) and of jumps with a condition (`0F 80` to `0F 8F`), both big-endian; and a range coder's
 * bits, one for each such opcode, that say whether its address was taken out. A probability for each byte before
 * an `E8`, one for `E9`, one for the conditions: 11 bits, moved by 1/32.
 */
import { MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from './packed-feed.ts';
import { PIECE_BYTES } from './piece-buffers.ts';

const TOP = 2 ** 24;
const JUMP_BIT = 256;
const CONDITION_BIT = 257;

/**
 * Puts the four streams together again.
 * @param sizeBytes length of the content
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `bcj2-damaged`
 */
export function* joinBcj2(main: PackedFeed, calls: PackedFeed, jumps: PackedFeed, bits: PackedFeed, sizeBytes: number): Generator<Uint8Array, void, undefined> {
  const wasTaken = bitReader(bits);
  const out = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  let before = 0;
  for (let made = 0; made < sizeBytes; ) {
    if (filled + 5 > out.length) {
      yield out.subarray(0, filled);
      filled = 0;
    }
    const byte = main.byte();
    if (byte < 0) throw damaged('its code ends early');
    out[filled++] = byte;
    made += 1;
    const isCondition = before === 0x0f && (byte & 0xf0) === 0x80;
    if ((byte & 0xfe) !== 0xe8 && !isCondition) {
      before = byte;
      continue;
    }
    // A content may end in an opcode; no bit stands for it then.
    if (made >= sizeBytes) break;
    if (!wasTaken(byte === 0xe8 ? before : byte === 0xe9 ? JUMP_BIT : CONDITION_BIT)) {
      before = byte;
      continue;
    }
    const absolute = (byte === 0xe8 ? calls : jumps).take(4);
    if (absolute.length < 4) throw damaged('its addresses end early');
    const address = (absolute.readUInt32BE() - (made + 4)) >>> 0;
    const count = Math.min(4, sizeBytes - made);
    for (let i = 0; i < count; i++) out[filled++] = (address >>> (8 * i)) & 0xff;
    made += count;
    before = address >>> 24;
  }
  if (filled > 0) yield out.subarray(0, filled);
}

function bitReader(feed: PackedFeed): (which: number) => boolean {
  const probabilities = new Uint16Array(258).fill(1024);
  const byte = (): number => {
    const value = feed.byte();
    if (value < 0) throw damaged('its bits end early');
    return value;
  };
  let range = 0xffff_ffff;
  let code = 0;
  for (let i = 0; i < 5; i++) code = ((code << 8) | byte()) >>> 0;
  return (which) => {
    if (range < TOP) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | byte()) >>> 0;
    }
    const probability = probabilities[which]!;
    const bound = (range >>> 11) * probability;
    const isSet = code >= bound;
    if (isSet) {
      range -= bound;
      code -= bound;
    } else range = bound;
    probabilities[which] = isSet ? probability - (probability >> 5) : probability + ((2048 - probability) >> 5);
    return isSet;
  };
}

function damaged(what: string): MalformedError {
  return new MalformedError('bcj2-damaged', `a content filtered by BCJ2 is damaged: ${what}`);
}
