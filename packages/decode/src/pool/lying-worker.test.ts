import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import { FAILED, frameHead, READY, REPLY, REPLY_HEAD_BYTES } from '../protocol/frames.ts';
import { makeLies } from './lies.ts';
import { DecoderPool } from './decoder-pool.ts';

const LIES = 1_000;

/** A process in place of a sandboxed one: says READY, then answers every request with `answer`. */
function fakeWorker(answer: () => readonly Uint8Array[]): ChildProcess {
  const talk = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      // The head of a request; its body and the content come in writes of their own.
      if (chunk.length === 5 && chunk[4] === 1) for (const part of answer()) this.push(part);
      done();
    },
  });
  const child: EventEmitter & { pid?: number; exitCode?: number | null; signalCode?: string | null; stderr?: PassThrough; stdio?: unknown; kill?: () => void } = new EventEmitter();
  Object.assign(child, { pid: 2 ** 30, exitCode: null, signalCode: null, stderr: new PassThrough(), stdio: [null, null, null, talk], kill: () => void setImmediate(() => child.emit('close')) });
  talk.push(Buffer.from(frameHead(READY, 0)));
  return child as unknown as ChildProcess;
}

function poolOf(answer: () => readonly Uint8Array[]): DecoderPool {
  return new DecoderPool({ workers: 1, memoryLimitBytes: 1e9, canStartProcesses: false, start: () => fakeWorker(answer), hasKind: () => true });
}

function reply(json: string, bytes = 0): Uint8Array {
  const body = Buffer.from(json);
  const length = Buffer.alloc(REPLY_HEAD_BYTES);
  length.writeUInt32LE(body.length);
  return Buffer.concat([frameHead(REPLY, REPLY_HEAD_BYTES + body.length + bytes), length, body, Buffer.alloc(bytes)]);
}

const REQUEST = { kind: 'any', request: {}, content: { bytes: new Uint8Array(8) } };

test(`${LIES} random replies of a lying worker are all refused, whole or in parts`, async () => {
  const nextLie = makeLies(4);
  let told = 0;
  const pool = poolOf(() => {
    const lie = nextLie();
    // Cut in two, as a pipe may.
    const cut = told++ % 3 === 0 ? 1 + Math.floor(lie.length / 2) : lie.length;
    return [lie.subarray(0, cut), lie.subarray(cut)].filter((part) => part.length > 0);
  });
  for (let index = 0; index < LIES; index += 1) await assert.rejects(pool.run({ ...REQUEST, timeoutMs: 5_000 }), { code: 'decoder-lied' });
  assert.equal(told, LIES);
  await pool.close();
});

test('what a sound worker may answer is taken, so the lies were refused for what they are', async () => {
  const answers = [reply('{"a":[1,{"b":"c"}]}', 7), Buffer.concat([frameHead(FAILED, 50), Buffer.from('{"kind":"malformed","code":"a-b1","message":"x y"}'.padEnd(50))])];
  const pool = poolOf(() => [answers.shift() ?? new Uint8Array(0)]);
  assert.deepEqual(await pool.run(REQUEST), { json: { a: [1, { b: 'c' }] }, bytes: new Uint8Array(7) });
  await assert.rejects(pool.run(REQUEST), { code: 'a-b1', kind: 'malformed', message: 'x y' });
  await pool.close();
});

test('50 payloads that aim at prototypes are refused, wherever they stand', async () => {
  const names = ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'c\\u006fnstructor'];
  const places = [(name: string) => `{"${name}":1}`, (name: string) => `{"a":{"${name}":{"x":1}}}`, (name: string) => `{"a":[{"${name}":null}]}`, (name: string) => `{"a":[[{"b":{"${name}":[]}}]]}`, (name: string) => `{"ok":1,"${name}":{"isOfficer":true}}`];
  const payloads = names.flatMap((name) => places.flatMap((place) => [place(name), ` ${place(name)} `]));
  assert.equal(payloads.length, 50);
  for (const payload of payloads) {
    const pool = poolOf(() => [reply(payload)]);
    await assert.rejects(pool.run(REQUEST), { code: 'decoder-lied' });
    await pool.close();
  }
  assert.equal(Reflect.get({}, 'isOfficer'), undefined);
});

test('what a worker says is cleared of all that could disturb a terminal or a page', async () => {
  const message = 'red\\u001b[31m \\u202ename\\n2';
  const failed = Buffer.from(`{"kind":"limit","code":"too-many","message":"${message}"}`);
  const pool = poolOf(() => [Buffer.concat([frameHead(FAILED, failed.length), failed])]);
  await assert.rejects(pool.run(REQUEST), { message: 'red [31m  name 2' });
  await pool.close();
});
