import { UnsupportedError } from '@kerbside/bytes';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { segmentExtension } from '../sources/ewf/ewf-names.ts';
import type { SourceLocator } from '../source-contract.ts';
import type { SandboxedFile } from './sandboxed-command.ts';

/** The source under names that The Sleuth Kit understands by itself. */
export interface TskEvidence {
  readonly files: readonly SandboxedFile[];
  /** What `-i` is told, where a program takes it: evidence does not choose which parser meets it. */
  readonly imageType: 'raw' | 'ewf';
}

/**
 * Names the files of a source for use inside the sandbox.
 * @throws UnsupportedError `fallback-source-form` where The Sleuth Kit cannot open this form, with what to do
 */
export function tskEvidence(locator: SourceLocator): TskEvidence {
  switch (locator.kind) {
    case 'files':
      if (locator.paths.length === 1) return { files: [{ hostPath: resolve(locator.paths[0]!), name: 'image' }], imageType: 'raw' };
      return { files: locator.paths.map((path, index) => ({ hostPath: resolve(path), name: `image.${String(index + 1).padStart(3, '0')}` })), imageType: 'raw' };
    case 'e01':
      return { files: locator.paths.map((path, index) => ({ hostPath: resolve(path), name: `image.${segmentExtension('E', index + 1)}` })), imageType: 'ewf' };
    case 'block-device':
      requireKernelReadOnly(locator.path);
      return { files: [{ hostPath: realpathSync(locator.path), name: 'image', isDevice: true }], imageType: 'raw' };
    case 'nbd':
      throw new UnsupportedError('fallback-source-form', 'a volume of this kind cannot be read out of a virtual disk, as The Sleuth Kit sees no more than files: make a raw copy (qemu-img convert -O raw) or an E01 of the disk and read that');
  }
}

/** A declared hardware blocker is not enough here: another program gets the device node. */
function requireKernelReadOnly(path: string): void {
  let flag: string;
  try {
    flag = readFileSync(join('/sys/class/block', basename(realpathSync(path)), 'ro'), 'latin1').trim();
  } catch {
    flag = 'unknown';
  }
  if (flag !== '1') {
    throw new UnsupportedError('fallback-device-writable', 'a volume of this kind is read by another program, which gets the device only while the kernel keeps it read-only: run blockdev --setro on the device and its partitions, and read again');
  }
}
