import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EvidenceFiles } from './evidence-files.ts';

test('a read that fails is a bad place while the device is there, and a device removed when it is not', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-files-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const device = join(folder, 'device');
  // The kernel answers EIO for the unmapped first page of a process, as it does for a bad sector.
  symlinkSync('/proc/self/mem', device);
  const files = new EvidenceFiles([device]);
  context.after(() => files.close());
  const read = (): number => files.readAt(0, new Uint8Array(512), 0, 512, 0);
  assert.throws(read, { code: 'EIO' });
  rmSync(device);
  assert.throws(read, { code: 'ENODEV' });
});
