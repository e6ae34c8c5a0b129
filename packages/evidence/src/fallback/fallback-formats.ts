import { UnsupportedError, problemFrom, MediumError, type Problem } from '@kerbside/bytes';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSystem, FileSystemFormat } from '../file-system.ts';
import { segmentExtension } from '../sources/ewf/ewf-names.ts';
import type { SourceLocator } from '../source-contract.ts';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { matchSignature, type Signature } from '../encryption/signature-table.ts';
import { readQuietly } from '../volumes/read-quietly.ts';
import { parseDfxml } from './dfxml.ts';
import { requireProgram, sandboxedCommand, type SandboxRules } from './sandboxed-command.ts';
import { itemsOf } from './tsk-items.ts';

/** One listing; the reference measurement is 15,000 items a second. */
const LISTING_TIMEOUT_MS = 15 * 60 * 1000;
const LISTING_CPU_SECONDS = 15 * 60;
/** About 800 bytes for each item: 5 million. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** What The Sleuth Kit reads for us. APFS is not among them: it lists nothing there without pool options. */
const SIGNATURES: readonly Signature[] = [
  { name: 'HFS+', signs: [{ offset: 1_024, bytes: 'H+\x00\x04' }] },
  { name: 'HFS+', signs: [{ offset: 1_024, bytes: 'HX\x00\x05' }] },
  { name: 'ISO 9660', signs: [{ offset: 32_769, bytes: 'CD001' }] },
  { name: 'UFS', signs: [{ offset: 65_536 + 1_372, bytes: '\x19\x01\x54\x19' }] },
  { name: 'UFS', signs: [{ offset: 8_192 + 1_372, bytes: '\x54\x19\x01\x00' }] },
];

/** A disc that also carries UDF may hold files that its ISO 9660 part does not name. */
const UDF: readonly Signature[] = [{ name: 'UDF', signs: [{ offset: 32_768, until: 43_008, bytes: 'NSR0' }] }];

/**
 * File systems read through The Sleuth Kit, for sources that it can open by name.
 * @param locator where the bytes are; null for bytes in memory, which have no name
 */
export function fallbackFormats(locator: SourceLocator | null): readonly FileSystemFormat[] {
  const evidence = locator === null ? null : evidenceOf(locator);
  if (evidence === null) return [];
  return ['HFS+', 'ISO 9660', 'UFS'].map((name): FileSystemFormat => ({
    name,
    detect: (volume) => (matchSignature(volume.source, SIGNATURES) === name ? 'primary' : null),
    open: (volume) => openThroughTsk(name, volume, evidence),
  }));
}

type Evidence = SandboxRules['evidence'];

/** The files under names that The Sleuth Kit finds by itself; null where it cannot open this form. */
function evidenceOf(locator: SourceLocator): Evidence | null {
  switch (locator.kind) {
    case 'files':
      if (locator.paths.length === 1) return [{ hostPath: locator.paths[0]!, name: 'image' }];
      return locator.paths.map((hostPath, index) => ({ hostPath, name: `image.${String(index + 1).padStart(3, '0')}` }));
    case 'e01':
      return locator.paths.map((hostPath, index) => ({ hostPath, name: `image.${segmentExtension('E', index + 1)}` }));
    case 'block-device':
      // A device node cannot be opened inside: devices are not part of the sandbox.
      return null;
    case 'nbd':
      return null;
  }
}

function openThroughTsk(name: string, volume: Volume, evidence: Evidence): FileSystem {
  requireProgram('fiwalk');
  // Building the command also proves the sandbox, before the run counts on it.
  const { command, args } = sandboxedCommand('fiwalk', ['-z', '-g', '-x', `/evidence/${evidence[0]!.name}`], {
    evidence,
    cpuSeconds: LISTING_CPU_SECONDS,
    maxFileBytes: MAX_LISTING_BYTES,
  });
  return {
    kind: name,
    label: '',
    clusterSizeBytes: clusterSize(name, volume),
    *walk() {
      if (matchSignature(volume.source, UDF) !== null) {
        yield asEvent(problemFrom(new UnsupportedError('udf-not-read', 'the disc also has a UDF file system, which is not read; its ISO 9660 part is'), placeOf(volume)));
      }
      yield* listThroughTsk(volume, command, args);
    },
    *walkOrphans() {},
    *freeRanges() {},
  };
}

/** The listing goes to a file that has no name any more when the program starts, so nothing is left behind. */
function* listThroughTsk(volume: Volume, command: string, args: readonly string[]): Generator<WalkEvent, void, undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-list-'));
  const listing = openSync(join(folder, 'listing'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  try {
    const result = spawnSync(command, args, { stdio: ['ignore', listing, 'ignore'], timeout: LISTING_TIMEOUT_MS, killSignal: 'SIGKILL', env: {} });
    yield* itemsOf(volume, parseDfxml(readPieces(listing), volume.startOffset));
    if (result.status !== 0) {
      const why = result.signal === null ? `ended with code ${result.status}` : `was ended (${result.signal}), by its time limit or a fault`;
      yield asEvent(problemFrom(new MediumError('fallback-failed', `The Sleuth Kit ${why}: the listing of this volume may not be whole`), placeOf(volume)));
    }
  } finally {
    closeSync(listing);
  }
}

function* readPieces(file: number): Generator<string> {
  const buffer = Buffer.alloc(PIECE_BYTES);
  const decoder = new TextDecoder('utf-8');
  for (let position = 0; ; ) {
    const count = readSync(file, buffer, 0, PIECE_BYTES, position);
    if (count === 0) return;
    position += count;
    yield decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

function clusterSize(name: string, volume: Volume): number {
  if (name === 'ISO 9660') return 2_048;
  const stated = name === 'HFS+' ? (readQuietly(volume.source, 1_024, 512)?.u32be(40) ?? 0) : 0;
  return stated >= 512 && stated <= 16 * 1024 * 1024 ? stated : 512;
}

function placeOf(volume: Volume): Problem['where'] {
  return { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes };
}

function asEvent(problem: Problem): WalkEvent {
  return { type: 'problem', problem };
}
