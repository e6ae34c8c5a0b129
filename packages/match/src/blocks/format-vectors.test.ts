/**
 * The test vectors of docs/reference/block-set-format.md, and a reader written from that page alone:
 * nothing of the product's reader is used here.
 */
import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, hash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTestFolder } from '../test-folder.ts';
import { buildBlockSet } from './build-block-set.ts';
import { testSigner, writeTree } from './test-block-set.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/reference/block-set-format.md'), 'utf8');
const CODE_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

/** Value of a row of the table of vectors. */
function vector(name: string): string {
  const value = new RegExp(`^\\| ${name} \\| \`([^\`]+)\` \\|$`, 'm').exec(PAGE)?.[1];
  assert.ok(value !== undefined, `the page has no vector "${name}"`);
  return value;
}

/** The file of the vectors: SHA-256 of `kerbside 0`, `kerbside 1`, … side by side, cut at 20,000 bytes. */
function vectorFile(): Buffer {
  return Buffer.concat(Array.from({ length: 625 }, (_, i) => createHash('sha256').update(`kerbside ${i}`).digest()));
}

const code = (purpose: number, digest: Uint8Array): Buffer => createHmac('sha256', CODE_KEY).update(Uint8Array.of(purpose)).update(digest).digest().subarray(0, 8);

interface Header {
  readonly bucketBits: number;
  readonly anchors: number;
  readonly facts: { readonly blocks: number; readonly files: number; readonly signerId: string; readonly codeKeyId: string };
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly lengthBytes: number; readonly sha256: string }[];
}

async function buildVector(): Promise<Buffer> {
  using folder = makeTestFolder();
  const signer = { ...testSigner(9, 'Vector Unit'), codeKey: CODE_KEY };
  const { path } = await buildBlockSet({
    out: folder.at('vector.kblocks'), from: [writeTree(folder, 'known', { file: vectorFile() })], signer, name: 'Vector', category: 'A', edition: 3, createdAt: new Date('2026-01-01T00:00:00Z'),
  });
  return readFileSync(path);
}

test('codes are as the page says', () => {
  const file = vectorFile();
  assert.equal(file.length, 20_000);
  assert.equal(hash('sha1', file), vector('SHA-1 of the file'));
  assert.equal(hash('md5', file.subarray(4096, 8192)), vector('MD5 of block 1'));
  assert.equal(code(0x01, hash('md5', file.subarray(4096, 8192), 'buffer')).toString('hex'), vector('code of block 1'));
  assert.equal(code(0x11, hash('md5', file, 'buffer')).toString('hex'), vector('code of the file by MD5'));
  assert.equal(code(0x12, hash('sha1', file, 'buffer')).toString('hex'), vector('code of the file by SHA-1'));
  assert.equal(code(0x13, hash('sha256', file, 'buffer')).toString('hex'), vector('code of the file by SHA-256'));
});

test('the set of the page comes out byte for byte, and a reader made from the page finds its block', async () => {
  const set = await buildVector();
  assert.equal(hash('sha256', set), vector('SHA-256 of the set file'));
  assert.equal(set.subarray(32, 96).toString('hex'), vector('signature'));

  assert.equal(set.subarray(0, 8).toString('hex'), '894b42424c4b530a');
  assert.equal(set.readUInt32LE(8), 1);
  const headerOffset = Number(set.readBigUInt64LE(16));
  const headerBytes = set.subarray(headerOffset, headerOffset + set.readUInt32LE(12));
  assert.equal(Number(set.readBigUInt64LE(24)), set.length);
  const publicKey = Buffer.from(vector('public key'), 'hex');
  const spki = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]), format: 'der', type: 'spki' });
  const message = Buffer.concat([Buffer.from('kerbside-block-set-v1\0'), set.subarray(0, 32), headerBytes]);
  assert.ok(verify(null, message, spki, set.subarray(32, 96)));
  assert.equal(hash('sha256', message), vector('digest of the set'));

  const header = JSON.parse(headerBytes.toString('utf8')) as Header;
  assert.equal(header.facts.signerId, hash('sha256', publicKey).slice(0, 16));
  assert.equal(header.facts.codeKeyId, hash('sha256', Buffer.concat([Buffer.from('Kerbside code key id\n'), CODE_KEY])).slice(0, 16));
  assert.equal(header.facts.codeKeyId, vector('code key id'));
  const section = (name: string): Buffer => {
    const found = header.sections.find((one) => one.name === name)!;
    const bytes = set.subarray(found.offset, found.offset + found.lengthBytes);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 2 ** 20) }, (_, i) => hash('sha256', bytes.subarray(i * 2 ** 20, (i + 1) * 2 ** 20), 'buffer'));
    assert.equal(hash('sha256', Buffer.concat(pieces)), found.sha256);
    return bytes;
  };

  const wanted = BigInt(`0x${vector('code of block 1')}`);
  const bits = BigInt(header.bucketBits);
  const bucket = Number(wanted >> (64n - bits));
  const key = Number((wanted >> (32n - bits)) & 0xffff_ffffn);
  const tail = Number((wanted >> (24n - bits)) & 0xffn);
  assert.deepEqual([bucket, key, tail].map(String), vector('bucket, key, tail of block 1').split(', '));
  const [buckets, keys, tails, places] = [section('buckets'), section('keys'), section('tails'), section('places')];
  let entry = -1;
  for (let i = buckets.readUInt32LE(bucket * 4); i < buckets.readUInt32LE(bucket * 4 + 4); i++) {
    if (keys.readUInt32LE(i * 4) === key && tails[i] === tail) entry = i;
  }
  assert.ok(entry >= 0);
  assert.equal(places[entry]! & 0x7f, 1);

  const anchorEntry = places.findIndex((place) => place >= 0x80);
  assert.equal(places[anchorEntry]! & 0x7f, 0);
  assert.deepEqual([...new Uint32Array(Uint8Array.from(section('anchors')).buffer)], [0, 0]);
  assert.deepEqual([...section('ranks')], [0, 0, 0, 0]);
  assert.equal(section('file-codes').toString('hex'), vector('code of the file by SHA-1'));
  assert.equal(section('file-sizes').readUIntLE(0, 6), 20_000);
  assert.equal(section('file-blocks').readUInt32LE(0), 4);
  assert.deepEqual([...section('file-kinds')], [0x12]);
});
