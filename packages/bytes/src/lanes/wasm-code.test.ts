import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeKeyState } from './key-states.ts';
import { createLaneKernel, laneModuleBytes, writeSplat } from './lane-kernel.ts';
import { LAYOUT } from './lane-layout.ts';
import { MD5_CONSTANTS } from './md5-lanes-code.ts';
import { SHA256_CONSTANTS, SHA256_START } from './sha256-lanes-code.ts';
import { bytesOf, shuffle, signedLeb, unsignedLeb, type Code } from './wasm-code.ts';

const leb = (value: number | Code): number[] => [...bytesOf([value])];

test('numbers are written as the specification shows (DWARF examples)', () => {
  assert.deepEqual(leb(unsignedLeb(2)), [2]);
  assert.deepEqual(leb(unsignedLeb(127)), [127]);
  assert.deepEqual(leb(unsignedLeb(128)), [0x80, 1]);
  assert.deepEqual(leb(unsignedLeb(12_857)), [0xb9, 0x64]);
  assert.deepEqual(leb(signedLeb(-2)), [0x7e]);
  assert.deepEqual(leb(signedLeb(127)), [0xff, 0]);
  assert.deepEqual(leb(signedLeb(-127)), [0x81, 0x7f]);
  assert.deepEqual(leb(signedLeb(-129)), [0xff, 0x7e]);
  assert.deepEqual(leb(signedLeb(64)), [0xc0, 0]);
});

test('law: nested code is its numbers in order', () => {
  const { tree } = fc.letrec<{ tree: readonly (number | Code)[] }>((tie) => ({ tree: fc.array(fc.oneof(fc.nat(255), tie('tree')), { maxLength: 5 }) }));
  fc.assert(fc.property(tree, (code) => assert.deepEqual([...bytesOf(code)], (JSON.stringify(code).match(/\d+/g) ?? []).map(Number))));
  assert.equal(bytesOf(Array<number>(200_000).fill(7)).byteLength, 200_000);
});

test('a shuffle of fewer or other bytes is refused', () => {
  assert.throws(() => shuffle([], [], [0, 1]), RangeError);
  assert.throws(() => shuffle([], [], Array<number>(16).fill(32)), RangeError);
});

test('the module is the same each time it is made', () => {
  assert.deepEqual(laneModuleBytes(), laneModuleBytes());
});

test('constants are those the standards print', () => {
  assert.deepEqual([MD5_CONSTANTS[0], MD5_CONSTANTS[31], MD5_CONSTANTS[63]], [0xd76aa478, 0x8d2a4c8a, 0xeb86d391]);
  assert.deepEqual([SHA256_CONSTANTS[0], SHA256_CONSTANTS[63]], [0x428a2f98, 0xc67178f2]);
  assert.deepEqual([SHA256_START[0], SHA256_START[7]], [0x6a09e667, 0x5be0cd19]);
});

/** Message words × 4 and one lane's state, through the program that makes codes. */
function sha256Step(kernel: ReturnType<typeof createLaneKernel>, messages: readonly Uint8Array[], from: number): string[] {
  messages.forEach((message, lane) => {
    for (let word = 0; word < 16; word++) kernel.words[LAYOUT.codes / 4 + word * 4 + lane] = Buffer.from(message).readUInt32BE(word * 4);
  });
  kernel.sha256Compress(LAYOUT.codes, from, LAYOUT.sha256State);
  return messages.map((_, lane) => Array.from({ length: 8 }, (_word, word) => kernel.words[LAYOUT.sha256State / 4 + word * 4 + lane]!.toString(16).padStart(8, '0')).join(''));
}

/** One SHA-256 step that ends a message of which `before` bytes have been taken in. */
function lastStep(text: Uint8Array, before: number): Buffer {
  const step = Buffer.alloc(64);
  step.set(text);
  step[text.byteLength] = 0x80;
  step.writeUInt32BE((before + text.byteLength) * 8, 60);
  return step;
}

test('SHA-256 lanes: "abc" of FIPS 180-4 and three others, side by side', () => {
  const kernel = createLaneKernel(64);
  writeSplat(kernel, LAYOUT.input, SHA256_START);
  const texts = ['abc', '', 'kick-off at three', 'away goals count double, they say'].map((text) => Buffer.from(text));
  const digests = sha256Step(kernel, texts.map((text) => lastStep(text, 0)), LAYOUT.input);
  assert.equal(digests[0], 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.deepEqual(digests, texts.map((text) => createHash('sha256').update(text).digest('hex')));
});

/** RFC 4231, test cases 1 to 4: key, data, HMAC-SHA-256. */
const HMAC_VECTORS: readonly (readonly [string, string, string])[] = [
  ['0b'.repeat(20), Buffer.from('Hi There').toString('hex'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [Buffer.from('Jefe').toString('hex'), Buffer.from('what do ya want for nothing?').toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [Array.from({ length: 25 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join(''), 'cd'.repeat(50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
];

test('HMAC from prepared key states: RFC 4231', () => {
  const kernel = createLaneKernel(64);
  for (const [keyHex, dataHex, expected] of HMAC_VECTORS) {
    const key = Buffer.from(keyHex, 'hex');
    const data = Buffer.from(dataHex, 'hex');
    writeKeyState(kernel, key, LAYOUT.keyStates);
    const [inner = ''] = sha256Step(kernel, [lastStep(data, 64)], LAYOUT.keyStates);
    const [outer] = sha256Step(kernel, [lastStep(Buffer.from(inner, 'hex'), 64)], LAYOUT.keyStates + 128);
    assert.equal(outer, expected);
    assert.equal(createHmac('sha256', key).update(data).digest('hex'), expected);
  }
});
