/** The measured side of e01.ts: reads an image from its first to its last byte. `node e01-read-one.ts IMAGE` */
import { openSource } from '@kerbside/evidence';

/** As much at a time as triage reads. */
const READ_BYTES = 2 << 20;

const opened = await openSource(process.argv[2] ?? '', { expect: 'image' });
if (opened.form !== 'image') throw new Error('an image was expected');
const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
const { sizeBytes } = opened.source;
for (let at = 0; at < sizeBytes; at += READ_BYTES) {
  const unread = opened.source.readInto(buffer.subarray(0, Math.min(READ_BYTES, sizeBytes - at)), at);
  if (unread.length > 0) throw new Error(`bytes at ${at} could not be read`);
}
await opened.close();
