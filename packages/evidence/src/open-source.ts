import { RefusedError, type Problem } from '@kerbside/bytes';
import { closeSync, lstatSync, readSync, statSync, type Stats } from 'node:fs';
import { basename, resolve } from 'node:path';
import { deviceNumberOf, readBlockDevice, requireSafeDevice } from './sources/block-device.ts';
import { errnoOf, openReadOnly } from './sources/evidence-files.ts';
import { asPlainText } from './sources/plain-text.ts';
import { findEwfSegments, hasEwfName } from './sources/ewf/ewf-names.ts';
import { EwfSource } from './sources/ewf/ewf-source.ts';
import { walkFolder } from './sources/folder-source.ts';
import { identifyFile } from './sources/identify-file.ts';
import { openLocator } from './sources/open-locator.ts';
import { findRawSegments } from './sources/raw-segments.ts';
import { rawFileSource, type RawSource } from './sources/raw-source.ts';
import { fixedVhdSizeBytes } from './sources/vhd-footer.ts';
import type { OpenedSource, OpenFolder, OpenImage, SourceFacts, SourceLocator } from './source-contract.ts';

export interface OpenSourceOptions {
  /** Name and serial of a hardware write blocker the device is behind; then a device writable to the kernel is accepted. */
  readonly declaredWriteBlocker?: string;
  /** Refuse a folder where an image is meant, and the reverse. */
  readonly expect?: 'image' | 'folder';
}

type Detail = SourceFacts['details'][number];

/**
 * Opens a source for reading only: a raw or split raw image, an E01, a virtual disk, a block
 * device, or a folder. What a file is follows from its content, not from its name.
 *
 * @throws RefusedError with what to do: no such file, empty, not permitted, wrong kind, segments
 *   missing or mixed up, truncated E01, device writable or in use, form not supported
 */
export async function openSource(path: string, options: OpenSourceOptions = {}): Promise<OpenedSource> {
  const stats = statSource(path);
  if (stats.isDirectory()) {
    if (options.expect === 'image') throw new RefusedError('source-is-folder', `${shown(path)} is a folder, and an image or device was expected: name the image file inside it`, { path });
    return openFolder(path);
  }
  if (options.expect === 'folder') throw new RefusedError('source-is-not-folder', `${shown(path)} is not a folder, and a folder was expected`, { path });
  if (stats.isBlockDevice()) return openBlockDevice(path, options.declaredWriteBlocker ?? '');
  if (!stats.isFile()) throw new RefusedError('source-not-file', `${shown(path)} is neither a file, a folder nor a block device`, { path });
  if (stats.size === 0) throw new RefusedError('source-empty', `${shown(path)} is empty: copy it again from the original`, { path });
  return openFile(path, stats.size);
}

function statSource(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EACCES' || errno === 'EPERM') throw notPermitted(path);
    throw new RefusedError('source-not-found', `there is no ${shown(path)}: check the name, and that the disk it is on is plugged in`, { path }, error);
  }
}

async function openFile(path: string, sizeBytes: number): Promise<OpenImage> {
  const { head, tail } = readEnds(path, sizeBytes);
  const kind = identifyFile(head, tail, basename(path));
  if (kind.form === 'unsupported') {
    throw new RefusedError('source-form-unsupported', `${shown(path)} is an image of the form ${kind.name}, which Kerbside does not read: ${kind.advice}`, { path });
  }
  if (kind.form === 'e01') return openE01(findEwfSegments(path), path);
  if (hasEwfName(path)) {
    throw new RefusedError('source-not-e01', `${shown(path)} does not begin as an E01 segment does: it is another kind of file, or damaged; if it is a raw image, give it a name without .E01`, { path });
  }
  if (kind.form === 'virtual-disk') {
    const vhdBytes = kind.format === 'vpc' ? fixedVhdSizeBytes(tail, sizeBytes) : null;
    if (vhdBytes !== null) return openRaw('virtual-disk', [path], [vhdBytes], path, [{ name: 'form', value: 'VHD, fixed' }]);
    // Rarely needed, and it brings the sandbox and the network block device with it.
    const { openVirtualDisk } = await import('./fallback/virtual-disk.ts');
    return openVirtualDisk(path, kind.format);
  }
  const { paths, sizesBytes } = findRawSegments(path);
  const isSplit = paths.length > 1;
  return openRaw(isSplit ? 'split-raw' : 'raw', paths, sizesBytes, path, isSplit ? [{ name: 'segments', value: String(paths.length) }] : []);
}

function openRaw(kind: SourceFacts['kind'], paths: readonly string[], sizesBytes: readonly number[], path: string, details: readonly Detail[]): OpenImage {
  const absolute = paths.map((each) => resolve(each));
  for (const each of absolute) requireReadable(each);
  const locator: SourceLocator = { kind: 'files', paths: absolute, sizesBytes };
  const source = rawFileSource(absolute, sizesBytes, 512);
  const problems: Problem[] = [];
  if (source.sizeBytes % 512 !== 0) {
    problems.push({
      kind: 'malformed',
      code: 'source-odd-size',
      message: `the image has ${source.sizeBytes} bytes, which is no whole number of sectors: it may have been cut short`,
      where: { offset: source.sizeBytes - (source.sizeBytes % 512), length: source.sizeBytes % 512 },
    });
  }
  return imageOf({ kind, path: shown(path), sizeBytes: source.sizeBytes, sectorSizeBytes: 512, details }, source, locator, problems);
}

function openE01(paths: readonly string[], path: string): OpenImage {
  const absolute = paths.map((each) => resolve(each));
  for (const each of absolute) requireReadable(each);
  const source = new EwfSource(absolute);
  const { index } = source;
  const details: Detail[] = [
    { name: 'segments', value: String(paths.length) },
    { name: 'chunk size', value: `${index.media.chunkBytes} bytes` },
    ...(index.storedMd5 === null ? [] : [{ name: 'MD5 stored in the image', value: index.storedMd5 }]),
    ...(index.storedSha1 === null ? [] : [{ name: 'SHA-1 stored in the image', value: index.storedSha1 }]),
    ...index.statedTexts,
  ];
  const facts: SourceFacts = { kind: 'e01', path: shown(path), sizeBytes: source.sizeBytes, sectorSizeBytes: index.media.sectorSizeBytes, details };
  return imageOf(facts, source, { kind: 'e01', paths: absolute }, index.problems);
}

function openBlockDevice(path: string, declaredWriteBlocker: string): OpenImage {
  const { facts, folder } = readBlockDevice(deviceNumberOf(path)!);
  requireSafeDevice(folder, facts, declaredWriteBlocker);
  const locator: SourceLocator = { kind: 'block-device', path: resolve(path), sizeBytes: facts.sizeBytes, sectorSizeBytes: facts.sectorSizeBytes };
  requireReadable(path);
  const details: Detail[] = [
    { name: 'device', value: `/dev/${facts.name}` },
    { name: 'model', value: facts.model },
    { name: 'serial', value: facts.serial },
    { name: 'world-wide id', value: facts.worldWideId },
    { name: 'read-only proof', value: facts.isReadOnly ? 'kernel read-only flag' : `declared write blocker: ${asPlainText(declaredWriteBlocker)}` },
  ].filter((detail) => detail.value !== '');
  const source = openLocator(locator) as RawSource;
  return imageOf({ kind: 'block-device', path: shown(path), sizeBytes: facts.sizeBytes, sectorSizeBytes: facts.sectorSizeBytes, details }, source, locator, []);
}

function openFolder(path: string): OpenFolder {
  const root = Buffer.from(resolve(path));
  try {
    lstatSync(root);
  } catch {
    throw notPermitted(path);
  }
  return {
    form: 'folder',
    facts: { kind: 'folder', path: shown(path), sizeBytes: 0, sectorSizeBytes: 1, details: [] },
    problems: [],
    walk: () => walkFolder(root),
    close: async () => {},
  };
}

function imageOf(facts: SourceFacts, source: RawSource | EwfSource, locator: SourceLocator, problems: readonly Problem[]): OpenImage {
  return {
    form: 'image',
    facts,
    source,
    locator,
    problems,
    unreadableRanges: () => source.unreadable.ranges,
    takeReadProblems: () => source.takeProblems(),
    close: async () => source.close(),
  };
}

/** First and last 512 bytes; the tail is shorter for a tiny file. */
function readEnds(path: string, sizeBytes: number): { head: Buffer; tail: Buffer } {
  const descriptor = openOrRefuse(path);
  try {
    const length = Math.min(512, sizeBytes);
    const head = Buffer.alloc(length);
    const tail = Buffer.alloc(length);
    // A failing first sector leaves zeros: then the file is taken as raw and read with care.
    tryRead(descriptor, head, 0);
    tryRead(descriptor, tail, sizeBytes - length);
    return { head, tail };
  } finally {
    closeSync(descriptor);
  }
}

function tryRead(descriptor: number, target: Buffer, position: number): void {
  try {
    readSync(descriptor, target, 0, target.length, position);
  } catch {
    target.fill(0);
  }
}

function requireReadable(path: string): void {
  closeSync(openOrRefuse(path));
}

function openOrRefuse(path: string): number {
  try {
    return openReadOnly(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EACCES' || errno === 'EPERM') throw notPermitted(path);
    throw new RefusedError('source-not-opened', `${shown(path)} could not be opened (${errno})`, { path }, error);
  }
}

function notPermitted(path: string): RefusedError {
  return new RefusedError('source-not-permitted', `${shown(path)} may not be read by this user: run Kerbside as a user who may, or as root for a device`, { path });
}

function shown(path: string): string {
  return asPlainText(path);
}
