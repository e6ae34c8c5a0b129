import { MalformedError, MediumError, UnsupportedError, problemFrom, type KerbsideError, type Problem } from '@kerbside/bytes';
import type { FileSystem } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { apfsItems } from './apfs-items.ts';
import { findApfsVolumes, readApfsContainer, readApfsVolume, type ApfsVolume } from './apfs-volumes.ts';
import { requireSandboxedPrograms } from './sandboxed-command.ts';
import { startSandboxedRun, WAITING, type SandboxedRun, type Waiting } from './sandboxed-run.ts';
import type { TskEvidence } from './tsk-evidence.ts';

/** The Sleuth Kit 4.11 reads no other. */
const BLOCK_BYTES = 4_096;
const SECTOR_BYTES = 512;
const POOL_TIMEOUT_MS = 5 * 60 * 1000;
const POOL_CPU_SECONDS = 5 * 60;
const MAX_POOL_BYTES = 256 * 1024 * 1024;
const MAX_VOLUMES = 100;
const MAX_LINE_CHARACTERS = 1024 * 1024;
const LISTING_TIMEOUT_MS = 15 * 60 * 1000;
const MAX_LISTING_BYTES = 1024 * 1024 * 1024;
/** Extents cost one short call for each file; what does not fit in this time is told. */
const CONTAINER_TIMEOUT_MS = 30 * 60 * 1000;

/**
 * APFS through The Sleuth Kit: `pstat` names the volumes of the container, `fls` lists each, `istat`
 * says where each file's blocks are. Every volume's superblock is looked at by ourselves first. Paths
 * begin with the volume's name when there is more than one. Deleted files and snapshots are not seen.
 *
 * @throws UnsupportedError when a program is missing, the sandbox is unsound, or blocks are not of 4,096 bytes
 */
export function openApfs(name: string, volume: Volume, evidence: TskEvidence): FileSystem {
  const container = readApfsContainer(volume.source);
  if (container === null) throw new MalformedError('apfs-container-damaged', 'the container superblock cannot be read');
  if (container.blockSizeBytes !== BLOCK_BYTES) throw new UnsupportedError('apfs-block-size', `the container has blocks of ${container.blockSizeBytes} bytes; The Sleuth Kit reads only those of ${BLOCK_BYTES}`);
  if (volume.startOffset % SECTOR_BYTES !== 0) throw new UnsupportedError('apfs-place', 'the container does not begin on a sector, so The Sleuth Kit cannot be pointed at it');
  requireSandboxedPrograms(['pstat', 'fls', 'istat']);
  return {
    kind: name,
    label: '',
    clusterSizeBytes: BLOCK_BYTES,
    clusterGridOffset: volume.startOffset,
    walk: () => walkContainer(volume, evidence, container.statedVolumes),
    *walkOrphans() {},
    *freeRanges() {},
  };
}

function* walkContainer(volume: Volume, evidence: TskEvidence, statedVolumes: number): Generator<WalkEvent, void, undefined> {
  const place = { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes };
  const say = (error: unknown, where: Problem['where'] = place): WalkEvent => ({ type: 'problem', problem: problemFrom(error, where) });
  const image = ['-i', evidence.imageType, '-b', String(SECTOR_BYTES), '-o', String(volume.startOffset / SECTOR_BYTES)];
  const deadline = performance.now() + CONTAINER_TIMEOUT_MS;
  try {
    const volumes = yield* findVolumes(volume, evidence, image, statedVolumes, say);
    if (volumes.length < statedVolumes) yield say(new UnsupportedError('apfs-volumes-missing', `the container states ${statedVolumes} volumes, of which ${volumes.length} were found; the others were not read`));
    const names = distinctNames(volumes);
    for (const [index, each] of volumes.entries()) {
      const where = { volume: volume.id, offset: volume.startOffset + each.block * BLOCK_BYTES };
      if (each.isEncrypted) {
        yield say(new UnsupportedError('apfs-volume-encrypted', 'a volume of the container is encrypted (APFS); it was not read: do not power the computer down, look for the key'), where);
        continue;
      }
      if (each.snapshots > 0) yield say(new UnsupportedError('apfs-snapshots-not-read', `a volume of the container has ${each.snapshots} snapshot${each.snapshots === 1 ? '' : 's'}, which may hold files that were deleted since; they were not read`), where);
      const pool = ['-P', 'apfs', '-B', String(each.block)];
      const isOneOfMany = volumes.length > 1;
      yield* listVolume({ volume, block: each.block, root: isOneOfMany ? [names[index]!] : [], idPrefix: isOneOfMany ? `${each.block}-` : '', statedFiles: each.statedFiles, options: [...image, ...pool], evidence, deadline, say: (error) => say(error, where) });
    }
  } catch (error) {
    // A program that could not be started; all else is told where it happens.
    yield say(error);
  }
}

type Say = (error: unknown, where?: Problem['where']) => WalkEvent;

function* findVolumes(volume: Volume, evidence: TskEvidence, image: readonly string[], statedVolumes: number, say: Say): Generator<WalkEvent, ApfsVolume[], undefined> {
  const rules = { evidence: evidence.files, cpuSeconds: POOL_CPU_SECONDS, maxFileBytes: MAX_POOL_BYTES };
  const run = startSandboxedRun('pstat "$@"; report end $?', [...image, '-P', 'apfs', `/evidence/${evidence.files[0]!.name}`], rules, POOL_TIMEOUT_MS);
  const found = new Map<number, ApfsVolume>();
  try {
    for (const line of linesOf(run)) {
      if (typeof line !== 'string') {
        yield { type: 'pause', doneBytes: 0, totalBytes: 0 };
        continue;
      }
      // A volume's name could imitate this line; the block must then still hold a volume.
      const block = /^\|\s+APSB Block Number: (\d{1,15})$/.exec(line)?.[1];
      if (block === undefined || found.has(Number(block)) || found.size >= MAX_VOLUMES) continue;
      const each = readApfsVolume(volume.source, Number(block), BLOCK_BYTES);
      if (each === null) yield say(new MalformedError('apfs-volume-damaged', 'a volume of the container has no readable superblock where it should be; it was not read'));
      else found.set(each.block, each);
    }
    const failure = run.failure();
    if (failure !== null) yield say(new MediumError('fallback-failed', `The Sleuth Kit (pstat) ${failure}: not all volumes of the container may have been found`));
    if (failure !== null || found.size < statedVolumes) {
      const known = new Set([...found.values()].map(({ objectId }) => objectId));
      for (const each of findApfsVolumes(volume.source, BLOCK_BYTES)) {
        if (!known.has(each.objectId)) found.set(each.block, each);
        known.add(each.objectId);
      }
    }
  } finally {
    run.stop();
  }
  return [...found.values()];
}

interface VolumeListing {
  readonly volume: Volume;
  readonly block: number;
  readonly root: readonly string[];
  readonly idPrefix: string;
  readonly statedFiles: number;
  readonly options: readonly string[];
  readonly evidence: TskEvidence;
  readonly deadline: number;
  readonly say: (error: KerbsideError) => WalkEvent;
}

function* listVolume(listing: VolumeListing): Generator<WalkEvent, void, undefined> {
  const { evidence, options, say } = listing;
  const rules = { evidence: evidence.files, cpuSeconds: LISTING_TIMEOUT_MS / 1000, maxFileBytes: MAX_LISTING_BYTES };
  const run = startSandboxedRun('fls "$@"; report end $?', [...options, '-r', '-p', `/evidence/${evidence.files[0]!.name}`], rules, LISTING_TIMEOUT_MS);
  try {
    const files = yield* apfsItems({ ...listing, blockSizeBytes: BLOCK_BYTES }, linesOf(run));
    const failure = run.failure();
    if (failure !== null) yield say(new MediumError('fallback-failed', `The Sleuth Kit (fls) ${failure}: the listing of this volume may not be whole`));
    else if (files < listing.statedFiles) yield say(new MalformedError('apfs-listing-short', `the volume states ${listing.statedFiles} files and The Sleuth Kit lists ${files} of them; the others were not read`));
  } finally {
    run.stop();
  }
}

/** Whole lines of a run's output, without the shell's own; a line longer than can be is cut. */
function* linesOf(run: SandboxedRun): Generator<string | Waiting, void, undefined> {
  let rest = '';
  for (const piece of run.output()) {
    if (typeof piece !== 'string') {
      yield WAITING;
      continue;
    }
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!.slice(0, MAX_LINE_CHARACTERS);
    for (const line of lines) if (line !== '' && !line.startsWith(run.word)) yield line;
  }
  if (rest !== '') yield rest;
}

/** First path component of each volume: its name, told apart where two have the same. */
function distinctNames(volumes: readonly ApfsVolume[]): string[] {
  const used = new Set<string>();
  return volumes.map(({ name, block }) => {
    const plain = name.replaceAll('/', ':') || `volume-${block}`;
    const chosen = used.has(plain) ? `${plain} (${block})` : plain;
    used.add(chosen);
    return chosen;
  });
}
