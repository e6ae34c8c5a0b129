import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeUnitKeys, rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet, openBlockSet, type BlockSet } from '@kerbside/match';

/* Block sets of made-up contents, for tests. Not used by the program. */

/** Bytes that look random and are the same for the same name. */
export function noise(name: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) pieces.push(createHash('sha256').update(`${name} ${i}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

/** A set of the given files, built and opened as any other. An open set needs its file no more. */
export async function makeBlockSet(name: string, contents: readonly Uint8Array[]): Promise<BlockSet> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-blocks-'));
  try {
    mkdirSync(join(folder, 'from'));
    for (const [index, content] of contents.entries()) writeFileSync(join(folder, 'from', `${index}.bin`), content);
    const { owner, codeKey, privateKey, publicKey } = makeUnitKeys(name);
    if (codeKey === null || privateKey === null) throw new TypeError('fresh keys are whole');
    const signer = { owner, codeKey, privateKey, publicKey: rawPublicKey(publicKey) };
    const out = join(folder, 'set.kblocks');
    await buildBlockSet({ out, from: [join(folder, 'from')], name, signer });
    return openBlockSet(out, [{ owner, publicKey: signer.publicKey, codeKey }], new Date());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
