/** The measured side of rematch.ts: writes one manifest, in batches as a run does. `node rematch-write-one.ts KEYS OUT ITEMS LIST SHARED` */
import { createReadStream } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { readKeyFile } from '@kerbside/ledger';
import { loadRetroHunt, TOOL_VERSION, type ManifestItem } from '@kerbside/triage';

const [keys = '', out = '', items = '0', list = '', shared = '0'] = process.argv.slice(2);
const BATCH = 2048;

const facts = {
  label: 'SMB/1', sourceDigest: 'ab'.repeat(32), sourceBytes: 1e12, runId: out.slice(-8), toolVersion: TOOL_VERSION,
  createdAt: new Date(Date.now() - 1000).toISOString(), expiresAt: new Date(Date.now() + 1e9).toISOString(),
};
const { createManifestWriter } = await loadRetroHunt();
const writer = createManifestWriter(out, facts, { unit: readKeyFile(keys), setCodeKeys: [] });
const planted = await plantedItems();
writer.add(planted);
const random = Buffer.alloc(36 * BATCH);
for (let done = planted.length; done < Number(items); done += BATCH) {
  randomFillSync(random);
  writer.add(Array.from({ length: Math.min(BATCH, Number(items) - done) }, (_, i): ManifestItem => ({
    sizeBytes: random.readUInt32LE(i * 36) % 4_000_000,
    state: 'read',
    md5: random.subarray(i * 36, i * 36 + 16),
    sha1: random.subarray(i * 36 + 16, i * 36 + 36),
  })));
}
writer.finish(true);

/** The first rows of the list, as files that the device held. */
async function plantedItems(): Promise<ManifestItem[]> {
  if (list === '') return [];
  const found: ManifestItem[] = [];
  const lines = createInterface({ input: createReadStream(list) });
  for await (const line of lines) {
    const [size = '', md5 = '', sha1 = ''] = line.split(',');
    if (size !== 'size') found.push({ sizeBytes: Number(size), state: 'read', md5: Buffer.from(md5, 'hex'), sha1: Buffer.from(sha1, 'hex') });
    if (found.length === Number(shared)) break;
  }
  lines.close();
  return found;
}
