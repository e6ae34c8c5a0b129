/**
 * The measured side of certificate.ts. `node certificate-one.ts IMAGE SET KEYFILE OUT`
 *
 * A run of profile `known` with a certificate; then every part of it that is done for the certificate alone is done once
 * more, on the same reads and items, with nothing else running, and its processor time is taken.
 */
import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawPublicKey, readKeyFile } from '@kerbside/ledger';
import { certifyReads, digestOfProgram, formatCertificate, leafOfItem, leafOfRead, runTriage, signCertificate, type Certificate, type TriageOptions } from '@kerbside/triage';

const BLOCK_BYTES = 4096;
const MD5_BYTES = 16;
/** SHA-1 and MD5 of one item: more than most sets ask. */
const ITEM_DIGEST_BYTES = 36;

type Kept = Parameters<NonNullable<TriageOptions['onKept']>>[0];

const [image = '', set = '', keyFile = '', out = ''] = process.argv.slice(2);
const keys = readKeyFile(keyFile);
const parts: Record<string, number> = {};
let runMs = 0;

await runTriage({
  sourcePath: image,
  setPaths: [set],
  setKeys: [{ owner: keys.owner, publicKey: rawPublicKey(keys.publicKey), codeKey: keys.codeKey! }],
  outFolder: out,
  profile: 'known',
  surveySeed: '5c'.repeat(32),
  signer: keys,
  onKept: (kept) => {
    runMs = cpuMs();
    measureParts(kept);
  },
});
console.log(JSON.stringify({ runMs, parts }));

/** User and system time of the process so far, all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function part(name: string, work: () => void): void {
  const before = cpuMs();
  work();
  parts[name] = cpuMs() - before;
}

function measureParts({ context, survey }: Kept): void {
  part('leaves of reads', () => {
    if (survey === null) return;
    const bytes = Buffer.alloc(survey.plan.options.chunkBytes);
    const digests = Buffer.alloc(1024 * MD5_BYTES);
    for (const [passIndex, { reads }] of survey.plan.passes.entries()) {
      for (let i = 0; i < reads; i++) {
        const { offset, length } = survey.plan.readAt(passIndex, i);
        const count = Math.floor(length / BLOCK_BYTES);
        // Its blocks are hashed for the look-up; what is left behind the last one is hashed for the leaf alone.
        const tail = length % BLOCK_BYTES === 0 ? [] : [hash('md5', bytes.subarray(0, length % BLOCK_BYTES), 'buffer')];
        leafOfRead(offset, length, Buffer.concat([digests.subarray(0, count * MD5_BYTES), ...tail]), []);
      }
    }
  });
  part('leaves of items', () => {
    const { catalogue, plans } = context;
    const digests = Buffer.alloc(ITEM_DIGEST_BYTES);
    for (const { ordinals, views, masks } of plans.values()) {
      for (const [entry, ordinal] of ordinals.entries()) {
        const from = catalogue.extentStart(ordinal);
        const end = catalogue.extentEnd(ordinal);
        const job = {
          id: 0,
          masks: masks.subarray(entry, entry + 1),
          views: views.subarray(entry, entry + 1),
          sizes: Float64Array.of(catalogue.sizeBytes(ordinal)),
          extentStarts: Uint32Array.of(0, end - from),
          pairs: catalogue.pairs.slice(from * 2, end * 2),
          hostPaths: null,
        };
        leafOfItem(job, 0, digests, null);
      }
    }
  });
  part('tree and reads.bin', () => {
    const { readsFile } = certifyReads({ context, survey, layout: null, outFolder: out, keys, configuration: { until: null, minutes: null, writeBlocker: null } });
    createHash('sha256').update(String(readsFile.sizeBytes)).digest();
  });
  part('digest of the program', () => void digestOfProgram(join(import.meta.dirname, '..')));
  part('certificate text and signature', () => {
    const { signature: _signature, ...body } = JSON.parse(readFileSync(join(out, 'certificate.json'), 'utf8')) as Certificate;
    formatCertificate(signCertificate(body, keys));
  });
}
