import { createCipheriv, createHash, createPrivateKey, createPublicKey, hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyedCode } from '@kerbside/bytes';
import type { TestFolder } from '../test-folder.ts';
import type { BlockLookup, SetKey } from './block-set.ts';
import { buildBlockSet, type BlockSetResult, type BuildBlockSetOptions } from './build-block-set.ts';
import type { BlockSetSigner } from './build-options.ts';

export const MADE_AT = new Date('2026-03-01T12:00:00Z');
export const IN_USE = new Date('2026-03-02T12:00:00Z');

/** An owner's keys from a seed: the same each time. */
export function testSigner(seed = 1, owner = 'Unit A'): BlockSetSigner {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url');
  return { owner, codeKey: createHash('sha256').update(`code key ${seed}`).digest(), privateKey, publicKey };
}

export function keyOf({ owner, publicKey, codeKey }: BlockSetSigner): SetKey {
  return { owner, publicKey, codeKey };
}

/** Bytes as good as random, the same for the same name: what a picture's data looks like to the rules. */
export function noise(name: string, length: number): Buffer {
  return createCipheriv('aes-128-ctr', hash('md5', name, 'buffer'), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** `count` blocks of noise. */
export function noiseBlocks(name: string, count: number): Buffer {
  return noise(name, count * 4096);
}

export function blockOf(file: Buffer, position: number): Buffer {
  return file.subarray(position * 4096, (position + 1) * 4096);
}

/** Code of a block under the keys of `testSigner(1)`. */
export function codeOfBlock(block: Uint8Array, codeKey: Uint8Array = testSigner().codeKey): Buffer {
  return keyedCode(codeKey, 0x01, hash('md5', block, 'buffer'));
}

/** Writes files into a folder below the test's, by relative path. */
export function writeTree(folder: TestFolder, name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const root = folder.at(name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export function buildTestSet(folder: TestFolder, from: readonly string[], more: Partial<BuildBlockSetOptions> = {}): Promise<BlockSetResult> {
  return buildBlockSet({ out: folder.at('out.kblocks'), from, name: 'Test', signer: testSigner(), createdAt: MADE_AT, ...more });
}

/** Entry of one block, or -1. */
export function findBlock(lookup: BlockLookup, block: Uint8Array): number {
  const numbers = new Uint32Array(1);
  const entries = new Uint32Array(1);
  return lookup.find(codeOfBlock(block, lookup.codeKey), 1, numbers, entries) === 0 ? -1 : entries[0]!;
}

/** Positions of a file's blocks that the set has. */
export function indexedPositions(lookup: BlockLookup, file: Buffer): number[] {
  const found: number[] = [];
  for (let position = 0; (position + 1) * 4096 <= file.length; position++) if (findBlock(lookup, blockOf(file, position)) >= 0) found.push(position);
  return found;
}
