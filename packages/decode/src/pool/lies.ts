import { FAILED, frameHead, NEED_RANGE, PIECE, READY, REPLY } from '../protocol/frames.ts';

const text = new TextEncoder();

/**
 * For the tests of the pool: what a worker in an attacker's hands may send in place of an answer:
 * noise, frames out of turn, lengths that do not fit, JSON that bites. The same lies for the same seed.
 *
 * @returns one lie for each call; none of them is an answer that a parent may take
 */
export function makeLies(seed: number): () => Uint8Array {
  let state = seed >>> 0 || 1;
  // xorshift32.
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  return () => LIES[random(LIES.length)]?.(random) ?? new Uint8Array(9);
}

type RandomBelow = (below: number) => number;

function noise(random: RandomBelow, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256));
}

function reply(json: string, claimedBytes?: number): Uint8Array {
  const body = text.encode(json);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, claimedBytes ?? body.length, true);
  return frame(REPLY, Buffer.concat([head, body]));
}

function frame(type: number, body: Uint8Array, claimedBytes = body.length): Uint8Array {
  return Buffer.concat([frameHead(type, claimedBytes >>> 0), body]);
}

const LIES: readonly ((random: RandomBelow) => Uint8Array)[] = [
  (random) => frame(21 + random(230), noise(random, random(64))),
  (random) => frame(random(16), noise(random, random(64))),
  (random) => frame([NEED_RANGE, PIECE, REPLY, FAILED, READY][random(5)] ?? 0, new Uint8Array(0), 0x8000_0000 + random(0x7fff_ffff)),
  () => frame(READY, new Uint8Array(0)),
  (random) => frame(PIECE, noise(random, random(64))),
  (random) => frame(NEED_RANGE, noise(random, 12)),
  (random) => frame(NEED_RANGE, noise(random, random(12))),
  (random) => frame(REPLY, noise(random, random(64))),
  (random) => reply('{}', 3 + random(0xffff_fff0)),
  (random) => reply('{"a":' + '['.repeat(20 + random(2000)) + ']'.repeat(20)),
  () => reply('{"a":' + '['.repeat(20) + ']'.repeat(20) + '}'),
  (random) => reply(`{"deep":{"${['__proto__', 'constructor', 'prototype'][random(3)] ?? ''}":{"isOfficer":true}}}`),
  (random) => reply(['[]', 'null', '7', '"text"', '', '{', '{"a":NaN}', '{"a":1}x', '\u{feff}{}'][random(9)] ?? ''),
  (random) => frame(FAILED, text.encode(`{"kind":"internal","code":"internal-fault","message":"${random(9)}"}`)),
  () => frame(FAILED, text.encode('{"kind":"malformed","code":"Not A Code","message":"x"}')),
  () => frame(FAILED, text.encode('{"kind":"medium","code":"unreadable-bytes","message":"x"}')),
  (random) => frame(FAILED, text.encode(`{"kind":"limit","code":"x","message":"${'x'.repeat(501 + random(1000))}"}`)),
  (random) => frame(FAILED, noise(random, random(64))),
  (random) => Buffer.concat([reply('{"ok":true}'), noise(random, 1 + random(8))]),
  (random) => Buffer.concat([noise(random, 5 + random(300)), Uint8Array.of(0, 0, 0, 0, 255)]),
];

