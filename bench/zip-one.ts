/** One run of the ZIP bench: `ours|yauzl list|digest FILE`; prints cost and a digest of what was seen as JSON. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { NO_RANGES, type RandomAccessSource } from '@kerbside/bytes';
import { ContainerBudget } from '@kerbside/evidence';
import yauzl from 'yauzl';
import { readZip } from '../packages/evidence/src/containers/zip/read-zip.ts';

const [, , who, task, path] = process.argv;
const seen = createHash('sha1');
const cpu = process.cpuUsage();
const wall = performance.now();
if (who === 'ours') readOurs(path!, task === 'digest');
else await readByYauzl(path!, task === 'digest');
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ cpuMs: (user + system) / 1000, wallMs: performance.now() - wall, seen: seen.digest('hex') }));

function readOurs(file: string, isDigest: boolean): void {
  const descriptor = openSync(file, 'r');
  const sizeBytes = fstatSync(descriptor).size;
  const source: RandomAccessSource = {
    sizeBytes,
    originOffset: 0,
    readInto: (target, offset) => {
      readSync(descriptor, target, 0, target.length, offset);
      return NO_RANGES;
    },
    close: () => closeSync(descriptor),
  };
  for (const event of readZip(source, ContainerBudget.forContainer(sizeBytes))) {
    if (event.type === 'problem') throw new Error(event.problem.message);
    const { names, sizeBytes: length } = event.member;
    seen.update(`${names.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')).join('/')} ${length}\n`);
    if (!isDigest) continue;
    const hash = createHash('sha1');
    // A ZIP's content comes synchronously.
    for (const piece of event.member.content() as Iterable<Uint8Array>) hash.update(piece);
    seen.update(hash.digest());
  }
  source.close();
}

function readByYauzl(file: string, isDigest: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    yauzl.open(file, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      zip.on('error', reject);
      zip.on('end', resolve);
      zip.on('entry', (entry: yauzl.Entry) => {
        seen.update(`${entry.fileName} ${entry.uncompressedSize}\n`);
        if (!isDigest) return zip.readEntry();
        zip.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return reject(failure);
          const hash = createHash('sha1');
          stream.on('data', (piece: Buffer) => hash.update(piece));
          stream.on('error', reject);
          stream.on('end', () => {
            seen.update(hash.digest());
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}
