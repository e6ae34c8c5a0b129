/**
 * The block set of 50 million codes that several benches use. Codes are a keystream of AES-128-CTR under a
 * fixed key: as good as random, the same each time, and made at several GB/s, so that making them costs
 * next to nothing beside what is measured.
 */
import { createCipheriv, createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { rawPublicKey, writeKeyFile, type DatedUnitKeys } from '@kerbside/ledger';
import { buildFromCodes, type BlockSetSigner } from '@kerbside/match';
import { measureScript } from './commands.ts';
import { cachedFolder } from './image-cache.ts';

/** Files of 50 to 100 blocks, as pictures of 200 to 400 KB have. */
const LEAST_BLOCKS = 50;
const SPREAD_BLOCKS = 51;

/** Codes given out at a time. */
export const CODE_BATCH = 4096;

const zeros = new Uint8Array(CODE_BATCH * 8);
const privateKey = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 9)]), format: 'der', type: 'pkcs8' });

/** Keys of the benches: the same each time, so that a set from the cache opens. */
export const BENCH_KEYS: DatedUnitKeys = { owner: 'bench', createdAt: '2026-01-01T00:00:00.000Z', codeKey: new Uint8Array(32).fill(7), privateKey, publicKey: createPublicKey(privateKey) };
export const BENCH_SIGNER: BlockSetSigner = { owner: BENCH_KEYS.owner, codeKey: BENCH_KEYS.codeKey!, privateKey, publicKey: rawPublicKey(BENCH_KEYS.publicKey) };
export const BENCH_SET_DATE = new Date(BENCH_KEYS.createdAt);

/** Endless codes, `CODE_BATCH` at a time; valid until the next call. */
export function codeStream(seed: number): () => Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return () => cipher.update(zeros);
}

/** Builds the set of `codeCount` codes of blocks. */
export function buildBenchSet(path: string, codeCount: number): ReturnType<typeof buildFromCodes> {
  // Far away, so that a bench of a later year does not find its set expired.
  const expiresAt = new Date('2100-01-01T00:00:00Z');
  return buildFromCodes({ out: path, name: 'bench', createdAt: BENCH_SET_DATE, expiresAt, signer: BENCH_SIGNER }, (collector) => {
    const next = codeStream(1);
    const fileCodes = codeStream(2);
    let codes = next();
    let at = 0;
    let fileBatch = fileCodes();
    for (let file = 0, made = 0; made < codeCount; file++) {
      const blocks = Math.min(codeCount - made, LEAST_BLOCKS + ((file * 7919) % SPREAD_BLOCKS));
      collector.startFile();
      for (let position = 0; position < blocks; position++) {
        if (at === codes.length) {
          codes = next();
          at = 0;
        }
        collector.addCode(codes, at, position);
        at += 8;
      }
      if (file > 0 && file % CODE_BATCH === 0) fileBatch = fileCodes();
      const codeAt = (file % CODE_BATCH) * 8;
      collector.endFile({ code: fileBatch.subarray(codeAt, codeAt + 8), kind: 'sha1', sizeBytes: blocks * 4096 + (file % 4096), blocks, sparse: false, leftOut: {} });
      made += blocks;
    }
  });
}

/** The set from the cache, with the key file that opens it. */
export async function cachedBlockSet(codeCount: number): Promise<{ readonly set: string; readonly keyFile: string }> {
  const folder = await cachedFolder({ name: 'block-set', codeCount }, codeCount * 40, (into) => {
    measureScript('block-set-one.ts', ['build', join(into, 'bench.kblocks'), String(codeCount)]);
    writeKeyFile(join(into, 'bench.keys'), BENCH_KEYS);
  });
  return { set: join(folder, 'bench.kblocks'), keyFile: join(folder, 'bench.keys') };
}
