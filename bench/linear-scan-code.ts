/**
 * A linear scan over hashes with SIMD, the yardstick of the near-match index: every hash is looked at. The first 128
 * bits of all hashes stand side by side, so that the scan reads half of the memory; they leave hardly anything for the
 * full comparison. Memory: those first halves, then whole hashes, then the query, then results.
 */
import { bytesOf, signedLeb, unsignedLeb, type Code } from '@kerbside/bytes';

const get = (local: number): Code => [0x20, unsignedLeb(local)];
const set = (local: number, value: Code): Code => [value, 0x21, unsignedLeb(local)];
const i32 = (value: number): Code => [0x41, signedLeb(value)];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const SIMD = 0xfd;
const load = (address: Code, offset = 0): Code => [address, SIMD, 0x00, 0, unsignedLeb(offset)];
const xor = (a: Code, b: Code): Code => [a, b, SIMD, 0x51];
/** Bits set in each byte. */
const countBytes = (a: Code): Code => [a, SIMD, unsignedLeb(0x62)];
const pairsOfBytes = (a: Code): Code => [a, SIMD, unsignedLeb(0x7d)];
const pairsOfShorts = (a: Code): Code => [a, SIMD, unsignedLeb(0x7f)];
const addLanes = (a: Code, b: Code): Code => [a, b, SIMD, unsignedLeb(0xae)];
const shuffle = (a: Code, b: Code, bytes: readonly number[]): Code => [a, b, SIMD, 0x0d, bytes];
const anyTrue = (a: Code): Code => [a, SIMD, 0x53];
const lanes = (picked: readonly number[]): number[] => picked.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));

const atMostSigned = (a: Code, b: Code): Code => [a, b, SIMD, unsignedLeb(0x3d)];

/**
 * scan(at, end, query, radius, found) → found: numbers of groups of four hashes of which one or more are within the radius
 * in their first halves go to `found`, 4 bytes each.
 */
export function makeLinearScan(): Uint8Array<ArrayBuffer> {
  const [at, end, query, radius, found, start] = [0, 1, 2, 3, 4, 5] as const;
  const [q, sum0, sum1, sum2, sum3, limit] = [6, 7, 8, 9, 10, 11] as const;
  // Four hashes at once: bits counted by byte, summed to 32-bit lanes, then over the lanes by turning the four around.
  const counts = (group: number): Code => pairsOfShorts(pairsOfBytes(countBytes(xor(load(get(at), group * 16), get(q)))));
  const body: Code = [
    set(q, load(get(query))),
    set(limit, [get(radius), SIMD, 0x11]),
    set(start, get(at)),
    [0x03, 0x40],
    [sum0, sum1, sum2, sum3].map((local, group) => set(local, counts(group))),
    // a0+a2 a1+a3 b0+b2 b1+b3, and the same of c and d.
    set(sum0, addLanes(shuffle(get(sum0), get(sum1), lanes([0, 1, 4, 5])), shuffle(get(sum0), get(sum1), lanes([2, 3, 6, 7])))),
    set(sum2, addLanes(shuffle(get(sum2), get(sum3), lanes([0, 1, 4, 5])), shuffle(get(sum2), get(sum3), lanes([2, 3, 6, 7])))),
    set(sum0, addLanes(shuffle(get(sum0), get(sum2), lanes([0, 2, 4, 6])), shuffle(get(sum0), get(sum2), lanes([1, 3, 5, 7])))),
    anyTrue(atMostSigned(get(sum0), get(limit))), 0x04, 0x40,
    [get(found), [get(at), get(start), 0x6b, i32(6), 0x76], 0x36, 0, 0],
    set(found, add(get(found), i32(4))),
    0x0b,
    set(at, add(get(at), i32(64))),
    [get(at), get(end), 0x49, 0x0d, 0],
    0x0b,
    get(found),
  ];
  const code = bytesOf([2, 1, 0x7f, 6, 0x7b, body, 0x0b]);
  const section = (id: number, content: Code): Code => {
    const bytes = bytesOf(content);
    return [id, unsignedLeb(bytes.length), bytes];
  };
  const text = (ascii: string): Code => [ascii.length, [...Buffer.from(ascii, 'latin1')]];
  return Uint8Array.from(bytesOf([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f]),
    section(2, [1, text('e'), text('m'), 0x02, 0x00, 1]),
    section(3, [1, 0]),
    section(7, [1, text('scan'), 0x00, 0]),
    section(10, [1, unsignedLeb(code.length), code]),
  ]));
}
