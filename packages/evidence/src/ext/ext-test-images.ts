/** Test support: makes ext images with Debian's tools and reads them with ours and with The Sleuth Kit. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MemorySource, type Problem } from '@kerbside/bytes';
import { displayName } from '../display-name.ts';
import type { DirectoryNode, Item } from '../item.ts';
import { readContent } from '../read-content.ts';
import type { Volume } from '../volume.ts';
import { extFormat } from './ext-format.ts';

/** Why a test that needs these programs must be skipped here; false when all are there. With KERBSIDE_REQUIRE_TOOLS=1 it never skips. */
export function missingTools(...names: string[]): string | false {
  const folders = ['/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(':')];
  const missing = names.filter((name) => !folders.some((folder) => fs.existsSync(path.join(folder, name))));
  if (missing.length === 0 || process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') return false;
  return `not installed: ${missing.join(', ')}`;
}

/** Runs a program and returns its output; throws with its complaint when it fails in another way than `allowed`. */
export function run(program: string, args: readonly string[], allowed: readonly number[] = [0]): Buffer {
  const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const result = spawnSync(program, args, { maxBuffer: 256 * 1024 * 1024, env: environment, timeout: 60_000 });
  if (result.status === null || !allowed.includes(result.status)) {
    throw new Error(`${program} ${args.join(' ')}: ${result.status} ${String(result.error ?? '')} ${result.stderr?.toString() ?? ''}`);
  }
  return result.stdout;
}

/** Calls `use` with a folder that is deleted afterwards. */
export function withTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kerbside-ext-'));
  try {
    return use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export function makeImage(imagePath: string, sizeBytes: number, options: readonly string[], tree: string | null): void {
  fs.writeFileSync(imagePath, '');
  fs.truncateSync(imagePath, sizeBytes);
  const source = tree === null ? [] : ['-d', tree];
  run('mke2fs', ['-q', '-F', '-E', 'hash_seed=00000000-0000-0000-0000-000000000001', '-U', '00000000-0000-0000-0000-000000000002', ...options, ...source, imagePath]);
}

/** Runs debugfs commands, one a line, on an image. */
export function debugfs(imagePath: string, commands: readonly string[]): void {
  const script = `${imagePath}.debugfs`;
  fs.writeFileSync(script, commands.map((command) => `${command}\n`).join(''));
  run('debugfs', ['-w', '-f', script, imagePath]);
  fs.rmSync(script);
}

export interface ReadVolume {
  readonly items: Item[];
  readonly problems: Problem[];
  readonly kind: string;
  readonly basis: string | null;
}

export function volumeOf(bytes: Buffer): Volume {
  return { id: 'p1', startOffset: 0, sizeBytes: bytes.length, scheme: 'none', declaredType: '', source: new MemorySource(bytes) };
}

export function readVolume(bytes: Buffer): ReadVolume {
  const volume = volumeOf(bytes);
  const basis = extFormat.detect(volume);
  const fileSystem = extFormat.open(volume);
  const items: Item[] = [];
  const problems: Problem[] = [];
  for (const event of fileSystem.walk()) {
    if (event.type === 'item') items.push(event.item);
    else if (event.type === 'problem') problems.push(event.problem);
  }
  return { items, problems, kind: fileSystem.kind, basis };
}

/** Path of an item with names as bytes in Latin-1, so that any name compares exactly. */
export function rawPath(item: Item): string {
  const parts = [Buffer.from(item.name.bytes).toString('latin1')];
  for (let node: DirectoryNode | null = item.parent; node !== null; node = node.parent) parts.unshift(Buffer.from(node.name.bytes).toString('latin1'));
  return parts.join('/');
}

export function shownPath(item: Item): string {
  const parts = [displayName(item.name)];
  for (let node: DirectoryNode | null = item.parent; node !== null; node = node.parent) parts.unshift(displayName(node.name));
  return parts.join('/');
}

export function contentOf(bytes: Buffer, item: Item): Buffer {
  const chunks: Buffer[] = [];
  for (const chunk of readContent(new MemorySource(bytes), item, 'system')) chunks.push(Buffer.from(chunk.bytes));
  return Buffer.concat(chunks);
}

/** One line of `fls -m`: what The Sleuth Kit says of an item. */
export interface TskItem {
  readonly path: string;
  readonly inode: string;
  readonly type: string;
  readonly size: number;
  readonly modified: number;
  readonly accessed: number;
  readonly changed: number;
  readonly created: number;
}

/**
 * Lists an image with The Sleuth Kit, split into live and deleted items. Left out by name: `.` and
 * `..` (tsk-dot-entries; `fls` without -a omits them), and the virtual `$OrphanFiles` (tsk-orphan-set).
 */
export function listTsk(imagePath: string): { live: TskItem[]; deleted: TskItem[] } {
  const live: TskItem[] = [];
  const deleted: TskItem[] = [];
  for (const line of run('fls', ['-r', '-p', '-m', '', imagePath]).toString('latin1').split('\n')) {
    if (line === '') continue;
    const fields = line.split('|');
    const [inode, mode, , , size, accessed, modified, changed, created] = fields.slice(-9);
    let name = fields.slice(1, -9).join('|').replace(/^\//, '');
    if (mode!.includes('v/') || mode!.startsWith('V/') || name.startsWith('$OrphanFiles')) continue;
    if (mode![2] === 'l') name = name.replace(/ -> .*$/s, '');
    const isDeleted = / \(deleted(-realloc)?\)$/.test(name);
    name = name.replace(/ \(deleted(-realloc)?\)$/, '');
    (isDeleted ? deleted : live).push({
      path: name, inode: inode!, type: mode!.slice(2, 3), size: Number(size), modified: Number(modified),
      accessed: Number(accessed), changed: Number(changed), created: Number(created),
    });
  }
  return { live, deleted };
}
