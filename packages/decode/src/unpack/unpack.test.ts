import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { writeRar4, writeRar5, type RarMember } from '@kerbside/corpus';
import { startDecoders, type Decoders } from '../index.ts';
import { unpackToTar } from './unpack-to-tar.ts';

const isMissing = ['bsdtar', 'bwrap', 'prlimit'].find((program) => spawnSync('which', [program]).status !== 0);
const skip = isMissing === undefined ? false : `${isMissing} not installed`;

const MEMBERS: readonly RarMember[] = [
  { name: 'match/report.txt', content: Buffer.from('Two goals in the second half.\n'.repeat(50)) },
  { name: '../up.bin', content: Buffer.alloc(3_000_000, 'pitch') },
];

let decoders: Decoders;
before(async () => {
  if (skip === false) decoders = await startDecoders({ workers: 1, profile: 'tools' });
});
after(async () => decoders?.close());

async function unpack(bytes: Buffer, countBytes: (bytes: number) => void = () => {}): Promise<Buffer> {
  const content = { sizeBytes: bytes.length, readAt: (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length) };
  const pieces: Buffer[] = [];
  for await (const piece of unpackToTar(decoders, content, { countBytes })) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('RAR 4 and RAR 5 come out of the sandbox as a TAR with their contents', { skip }, async () => {
  for (const rar of [writeRar4(MEMBERS), writeRar5(MEMBERS)]) {
    const tar = await unpack(rar);
    assert.equal(tar.toString('latin1', 257, 262), 'ustar');
    for (const { name, content } of MEMBERS) assert.ok(tar.includes(name) && tar.includes(content), name);
  }
});

test('encrypted archives are named, hidden headers too', { skip }, async () => {
  await assert.rejects(unpack(writeRar4(MEMBERS, true)), { code: 'archive-encrypted' });
  await assert.rejects(unpack(writeRar5(MEMBERS, true)), { code: 'archive-encrypted' });
});

test('damage is told, and the worker lives on', { skip }, async () => {
  const rar = writeRar5(MEMBERS);
  await assert.rejects(unpack(rar.subarray(0, 900)), { code: 'unpack-damaged' });
  await assert.rejects(unpack(Buffer.alloc(5000, 'no archive at all ')), { code: /^unpack-(damaged|unsupported)$/ });
  assert.ok((await unpack(rar)).length > 3_000_000);
});

test('what counts the bytes may stop it, and so may the reader by leaving', { skip }, async () => {
  let counted = 0;
  const limit = new RangeError('enough');
  await assert.rejects(
    unpack(writeRar5(MEMBERS), (bytes) => {
      counted += bytes;
      if (counted > 100_000) throw limit;
    }),
  );
  assert.ok(counted < 3_000_000);
  const rar = writeRar5(MEMBERS);
  for await (const piece of unpackToTar(decoders, { sizeBytes: rar.length, readAt: (offset, length) => rar.subarray(offset, offset + length) }, { countBytes: () => {} })) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.ok((await unpack(rar)).length > 3_000_000);
});
