/**
 * The measured side of carving.ts: carves a raw image of free space and digests each item as triage does.
 * `node carving-one.ts IMAGE DIGESTS`: writes the SHA-1 of each item, a line each, and prints what was searched.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { CONTENT_BUFFER_BYTES, loadCarveRanges, openSource, readContent } from '@kerbside/evidence';

const [image = '', digestsFile = ''] = process.argv.slice(2);
const opened = await openSource(image, { expect: 'image' });
if (opened.form !== 'image') throw new Error('an image was expected');
const { source } = opened;
const carveRanges = await loadCarveRanges();
const buffer = Buffer.allocUnsafeSlow(CONTENT_BUFFER_BYTES);
const digests: string[] = [];
const events = carveRanges(source, [{ offset: 0, length: source.sizeBytes }], { volumeId: '', clusterGrid: { offset: 0, sizeBytes: 4096 } });
for (let step = events.next(); ; step = events.next()) {
  if (step.done === true) {
    console.log(JSON.stringify(step.value));
    break;
  }
  if (step.value.type === 'problem') throw new Error(step.value.problem.message);
  if (step.value.type !== 'item') continue;
  const digest = createHash('sha1');
  for (const { bytes } of readContent(source, step.value.item, 'system', buffer)) digest.update(bytes);
  digests.push(digest.digest('hex'));
}
writeFileSync(digestsFile, digests.map((digest) => `${digest}\n`).join(''));
await opened.close();
