import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { KerbsideError, MediumError } from '@kerbside/bytes';
import type { DecodeRequest } from './decoders.ts';
import { startDecoders } from './start-decoders.ts';
import { startTrialPool } from './trial-pool.ts';

const hasTools = ['bwrap', 'prlimit'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: bwrap, prlimit');
const skip = hasTools ? false : 'not installed: bwrap or prlimit (bubblewrap, util-linux)';

const pool = startTrialPool({});
after(() => pool.close());

function ask(what: string, more: Partial<DecodeRequest> = {}): DecodeRequest {
  return { kind: 'trial', request: { do: what }, content: { bytes: Uint8Array.of(1, 2, 3) }, ...more };
}

test('content goes in and comes back; one worker serves many requests, in order', { skip }, async () => {
  const large = new Uint8Array(3_000_000).map((_, index) => index * 7);
  const reply = await pool.run(ask('echo', { content: { bytes: large } }));
  assert.deepEqual(Buffer.from(reply.bytes), Buffer.from(large));
  const replies = await Promise.all([1, 2, 3].map(() => pool.run(ask('echo'))));
  assert.deepEqual(replies.map(({ json }) => json['requests']), [2, 3, 4]);
});

test('ranges are read on this side; a failure of the medium comes back as the reader said it', { skip }, async () => {
  const content = Uint8Array.from({ length: 10_000_000 }, (_, index) => index % 251);
  const readAt = (offset: number, length: number): Uint8Array => content.subarray(offset, offset + length);
  const { json } = await pool.run(ask('ranges', { content: { sizeBytes: content.length, readAt } }));
  assert.deepEqual(json, { first: [0, 1, 2, 3], last: [...content.subarray(-2)], whole: content.length });
  const failure = new MediumError('unreadable-bytes', 'sector 7 is gone', { offset: 7 });
  const failing = pool.run(ask('ranges', { content: { sizeBytes: 100, readAt: () => { throw failure; } } }));
  await assert.rejects(failing, (error) => error === failure);
});

test('pieces arrive in order, one at a time; a caller that throws ends the request with its own error', { skip }, async () => {
  const sizes: number[] = [];
  let atOnce = 0;
  await pool.run(ask('pieces', {
    onPiece: async (piece) => {
      atOnce += 1;
      assert.equal(atOnce, 1);
      await new Promise((resolve) => void setTimeout(resolve, 2));
      sizes.push(piece.length);
      atOnce -= 1;
    },
  }));
  assert.deepEqual(sizes.slice(0, 5), [1_000, 1_001, 1_002, 1_003, 1_004]);
  assert.equal(sizes.slice(5).reduce((sum, size) => sum + size, 0), 9 * 1024 * 1024);
  const own = new Error('enough');
  await assert.rejects(pool.run(ask('pieces', { onPiece: () => { throw own; } })), (error) => error === own);
  assert.equal((await pool.run(ask('echo'))).bytes.length, 3, 'and the pool goes on');
});

test('a fault of the content is told as the handler said it, and the worker lives on', { skip }, async () => {
  const before = await pool.run(ask('echo'));
  await assert.rejects(pool.run(ask('fail')), { code: 'media-not-decodable', kind: 'malformed', message: 'a fault of the content' });
  assert.equal((await pool.run(ask('echo'))).json['pid'], before.json['pid']);
});

test('content that kills a worker twice is one problem; a worker that was only worn out is replaced', { skip }, async () => {
  await assert.rejects(pool.run(ask('die')), { code: 'decoder-died', message: /trial breaks down/ });
  await assert.rejects(pool.run(ask('die-hard')), { code: 'decoder-died', message: /twice/ });
  await pool.run(ask('echo'));
  assert.equal((await pool.run(ask('die-first'))).json['requests'], 1);
});

test('too much CPU time and too long on the clock end the worker', { skip }, async () => {
  // On a machine so busy that the worker gets less than a third of a core, the clock ends it first.
  let said = '';
  for (let tries = 0; tries < 5 && !said.includes('CPU'); tries += 1) {
    await assert.rejects(pool.run(ask('loop', { timeoutMs: 300 })), (error: KerbsideError) => {
      said = error.message;
      return error.code === 'decoder-overran';
    });
  }
  assert.match(said, /0\.3 s of CPU time/);
  await assert.rejects(pool.run(ask('sleep', { timeoutMs: 200 })), { code: 'decoder-overran', message: /0\.6 s on the clock/ });
});

test('memory past the limit ends the worker', { skip }, async () => {
  const small = startTrialPool({ memoryLimitBytes: 300_000_000 });
  await assert.rejects(small.run(ask('memory')), { code: 'decoder-memory', kind: 'limit' });
  assert.equal((await small.run(ask('echo'))).bytes.length, 3);
  await small.close();
});

test('a worker with no tools can start none; one with tools can, inside its walls', { skip }, async () => {
  const refused = await pool.run({ ...ask('tool'), request: { do: 'tool', program: '/app/bin/node' } });
  assert.match(JSON.stringify(refused.json), /EPERM|ENOSYS/);
  const tools = startTrialPool({ profile: 'tools' });
  for (const program of ['ffmpeg', 'bsdtar']) {
    if (spawnSync('which', [program]).status !== 0) continue;
    assert.match(JSON.stringify((await tools.run({ ...ask('tool'), request: { do: 'tool', program } })).json), new RegExp(`"text":"${program}`));
  }
  await tools.close();
});

test('a lying worker is ended and the pool goes on', { skip }, async () => {
  let seed = 0;
  const lying = startTrialPool({ script: 'lying-worker', nextArgument: () => String((seed += 7_919)) });
  for (let index = 0; index < 6; index += 1) await assert.rejects(lying.run(ask('echo')), { code: 'decoder-lied' });
  await lying.close();
});

test('after close nothing runs, nothing is left, and a request under way is told', { skip }, async () => {
  const short = startTrialPool({ workers: 2 });
  await Promise.all([short.run(ask('echo')), short.run(ask('echo'))]);
  const pending = short.run(ask('sleep'));
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await Promise.all([short.close(), assert.rejects(pending, { code: 'decoders-closed' })]);
  await assert.rejects(short.run(ask('echo')), { code: 'decoders-closed' });
  const zombies = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name).startsWith(`Z ${process.pid} `));
  assert.deepEqual(zombies, []);
});

test('a thread can own a pool; the content limit and an unknown kind are refused', { skip }, async () => {
  const thread = new Worker(
    `const { startDecoders } = await import(${JSON.stringify(join(import.meta.dirname, '../index.ts'))});
     const { parentPort } = await import('node:worker_threads');
     const decoders = await startDecoders({ workers: 1, profile: 'picture' });
     const { json } = await decoders.run({ kind: 'check', request: {}, content: { bytes: new Uint8Array(5) } });
     await decoders.close();
     parentPort.postMessage(json);`,
    { eval: true, execArgv: ['--input-type=module', '--disable-warning=ExperimentalWarning'] },
  );
  const answer = await new Promise((resolve, reject) => void thread.once('message', resolve).once('error', reject));
  assert.deepEqual(answer, { sizeBytes: 5 });
  const decoders = await startDecoders({ workers: 1, profile: 'picture' });
  await assert.rejects(decoders.run({ ...ask('echo'), kind: 'constructor' }), KerbsideError);
  await assert.rejects(decoders.run({ kind: 'check', request: {}, content: { bytes: { length: 2 ** 30 } as Uint8Array } }), { code: 'decode-content-limit' });
  await decoders.close();
  await assert.rejects(startDecoders({ workers: 0, profile: 'picture' }), { code: 'wrong-use' });
});

test('workers die with a parent that is killed', { skip }, async () => {
  const script = `const { startTrialPool } = await import(${JSON.stringify(join(import.meta.dirname, 'trial-pool.ts'))});
    const pool = startTrialPool({ workers: 2 });
    void pool.run({ kind: 'trial', request: { do: 'sleep' }, content: { bytes: new Uint8Array(1) } });
    await pool.run({ kind: 'trial', request: { do: 'echo' }, content: { bytes: new Uint8Array(1) } });
    console.log('ready');`;
  const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => void parent.stdout.once('data', resolve));
  const family = descendantsOf(parent.pid ?? 0);
  assert.ok(family.length >= 4, `only ${family.length} processes seen`);
  parent.kill('SIGKILL');
  const isAlive = (): boolean => family.some((pid) => !/^([ZX] |$)/.test(statOf(pid)));
  for (let tries = 0; tries < 100 && isAlive(); tries += 1) await new Promise((resolve) => void setTimeout(resolve, 50));
  assert.equal(isAlive(), false);
});

/** State and parent of a process: `S 123 …`; empty when it is gone. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '');
  } catch {
    return '';
  }
}

function descendantsOf(pid: number): string[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name).split(' ')[1] === String(pid));
  return children.flatMap((child) => [child, ...descendantsOf(Number(child))]);
}
