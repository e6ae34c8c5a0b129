import { hash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KerbsideError, RefusedError } from '@kerbside/bytes';
import type { ControlLane, ControlSet, ControlSpecimen, PreparedControls } from './control-specimen.ts';
import { altered, checkSeals, sealOf } from './seal.ts';

/** Makes one set of the control files. */
export interface ControlSetMaker {
  /** As reports name the set. */
  readonly name: string;
  /** Name of its file. It bears the version of the format, so that a newer program makes its own. */
  readonly fileName: string;
  readonly answers: readonly ControlLane[];
  /** Builds the set at `out` from the control files in `folder`. */
  readonly build: (folder: string, out: string) => Promise<void>;
}

/** What makes the control files, and what they must be. */
export interface ControlMakers {
  /** Seal of each control file or folder, by its name. */
  readonly seals: Readonly<Record<string, string>>;
  /** Names of the volume and of the list of specimens among them. */
  readonly volumeName: string;
  readonly specimensName: string;
  /** Writes the control files into an empty folder. */
  readonly makeFiles: (folder: string) => void;
  readonly sets: readonly ControlSetMaker[];
}

const SEAL_ENDING = '.sha256';
const DIGEST_DIGITS = 8;
/** A half-made folder gets older than this only when its maker was killed. */
const ABANDONED_MS = 10 * 60 * 1000;

/**
 * Has the control files and sets ready in `home/controls-<digest>`, making what is missing. What others
 * see is always whole: files appear under their name in one step, and two programs at once do no harm.
 * Files that are there are not made anew, whatever is in them: {@link checkSeals} refuses them.
 *
 * @param home made when missing, for the owner alone
 * @throws RefusedError `controls-not-writable`, `control-volume-altered`, and what a set maker refuses
 */
export async function prepareControls(home: string, makers: ControlMakers): Promise<PreparedControls> {
  const name = folderNameOf(makers);
  const folder = join(home, name);
  const seals = sealsIn(folder, makers);
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    await makeOnce(home, name, (half) => Promise.resolve(makers.makeFiles(half)));
    const specimensPath = join(folder, makers.specimensName);
    checkSeals(new Map([[specimensPath, seals.get(specimensPath) ?? '']]), folder);
    const specimens = JSON.parse(readFileSync(specimensPath, 'utf8')) as ControlSpecimen[];
    const sets: ControlSet[] = [];
    for (const maker of makers.sets) {
      const setFolder = setFolderIn(folder, maker.fileName);
      // A set is only as good as the files it is made of.
      if (!existsSync(setFolder)) checkSeals(seals, folder);
      await makeOnce(folder, basename(setFolder), (half) => makeSet(maker, folder, half));
      const path = join(setFolder, maker.fileName);
      sets.push({ path, name: maker.name, answers: maker.answers });
    }
    for (const { path } of sets) seals.set(path, readSeal(path, folder));
    return { folder, imagePath: join(folder, makers.volumeName), volumeDigest: makers.seals[makers.volumeName] ?? '', specimens, sets, seals };
  } catch (error) {
    if (error instanceof KerbsideError || !isNodeError(error)) throw error;
    throw new RefusedError('controls-not-writable', `The control files could not be made in ${home} (${error.message}). Make room, or set KERBSIDE_HOME to a folder you may write to.`, {}, error);
  }
}

/**
 * What is there of the control files, without making or changing anything.
 * @returns `absent` before the first use; `ready` when all that is there is as it was sealed
 * @throws RefusedError `control-volume-altered`
 */
export function lookAtControls(home: string, makers: ControlMakers): 'absent' | 'ready' {
  const folder = join(home, folderNameOf(makers));
  if (!existsSync(folder)) return 'absent';
  const seals = sealsIn(folder, makers);
  for (const { fileName } of makers.sets) {
    const setFolder = setFolderIn(folder, fileName);
    const path = join(setFolder, fileName);
    if (existsSync(setFolder)) seals.set(path, readSeal(path, folder));
  }
  checkSeals(seals, folder);
  return 'ready';
}

/** Each version of the control files has a folder of its own. */
function folderNameOf({ seals }: ControlMakers): string {
  return `controls-${hash('sha256', JSON.stringify(seals)).slice(0, DIGEST_DIGITS)}`;
}

function sealsIn(folder: string, { seals }: ControlMakers): Map<string, string> {
  return new Map(Object.entries(seals).map(([file, seal]) => [join(folder, file), seal]));
}

function setFolderIn(folder: string, fileName: string): string {
  return join(folder, `${fileName}.made`);
}

/** The set, and its seal beside it: from now on it must not change. */
async function makeSet(maker: ControlSetMaker, folder: string, half: string): Promise<void> {
  const path = join(half, maker.fileName);
  await maker.build(folder, path);
  writeFileSync(`${path}${SEAL_ENDING}`, `${sealOf(path)}\n`);
}

function readSeal(path: string, folder: string): string {
  try {
    return readFileSync(`${path}${SEAL_ENDING}`, 'utf8').trim();
  } catch (error) {
    throw altered(`${basename(path)}${SEAL_ENDING} cannot be read`, folder, error);
  }
}

/** Makes a folder unless it is there. It appears under its name whole and in one step; of two programs that make it, one is first. */
async function makeOnce(parent: string, name: string, fill: (half: string) => Promise<void>): Promise<void> {
  if (existsSync(join(parent, name))) return;
  removeAbandoned(parent, name);
  const half = mkdtempSync(join(parent, `${name}.half-`));
  try {
    await fill(half);
    syncAll(half);
    renameInto(half, join(parent, name));
    sync(parent);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** What another program made meanwhile is as good as ours, or is refused. */
function renameInto(half: string, folder: string): void {
  try {
    renameSync(half, folder);
  } catch (error) {
    const isThere = isNodeError(error) && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
    if (!isThere) throw error;
  }
}

/** Removes what a program that was killed left half made. */
function removeAbandoned(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    if (!entry.startsWith(`${name}.half-`)) continue;
    const path = join(parent, entry);
    const madeAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - madeAtMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Makes everything in a folder survive a power cut. */
function syncAll(path: string): void {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) syncAll(join(path, name));
  sync(path);
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
