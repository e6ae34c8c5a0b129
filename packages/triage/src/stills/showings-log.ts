import { hash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError, syncFolder, writeFully } from '@kerbside/bytes';
import { canonicalJson } from '@kerbside/ledger';
import type { StillMode } from '@kerbside/decode';

/*
 * showings.jsonl: one canonical JSON object a line, only ever added to, durable before what it tells of happens.
 * Each line holds the SHA-256 of the line before it, so that one taken out or changed is seen. It says who saw which
 * item in which mode, and is no measure of anybody's work.
 */
export const SHOWINGS_NAME = 'showings.jsonl';

const NO_LINE = '0'.repeat(64);

/** `made`: a still was made from the source. `shown`: it left the store for an officer. `refused`: known material was asked for without --show-known. */
export type Showing = {
  readonly event: 'made' | 'shown' | 'refused';
  /** UTC. */
  readonly at: string;
  /** As given with --officer. */
  readonly officer: string;
  /** Login name of who ran the program. */
  readonly login: string;
  readonly item: string;
  /** SHA-256 of the item's content. */
  readonly contentDigest: string;
  /** Of a video a strip of frames was made. */
  readonly kind: 'picture' | 'video';
  readonly mode: StillMode;
  readonly longerSidePx: number;
  /** True for known material, which is shown only when that was asked for; null where the sets could not be asked. */
  readonly known: boolean | null;
  readonly showKnown: boolean;
};

/**
 * Adds a line; durable when it returns. Two programs may add at once: each line is written in one piece, and a chain that
 * forks there is told by {@link readShowings}.
 *
 * @throws RefusedError `showings-not-writable`: then nothing may be shown
 */
export function appendShowing(runFolder: string, showing: Showing): void {
  const path = join(runFolder, SHOWINGS_NAME);
  try {
    const file = openSync(path, 'a+', 0o600);
    try {
      const text = readFileSync(file, 'utf8');
      const lines = text.replace(/\n$/, '').split('\n');
      const previous = text === '' ? NO_LINE : hash('sha256', lines.at(-1)!, 'hex');
      const startsLine = text === '' || text.endsWith('\n');
      writeFully(file, Buffer.from(`${startsLine ? '' : '\n'}${canonicalJson({ ...showing, previous })}\n`), fstatSync(file).size);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(runFolder);
  } catch (error) {
    throw new RefusedError('showings-not-writable', `${path} could not be written (${(error as Error).message}). Nothing is shown without a record of it: make room, or give a folder you may write to.`, {}, error);
  }
}

export interface Showings {
  readonly showings: readonly Showing[];
  /** False when a line does not hold the digest of the one before it, or is none of ours. */
  readonly intact: boolean;
}

/** Reads the record of a run; a missing one is empty. */
export function readShowings(runFolder: string): Showings {
  let text = '';
  try {
    text = readFileSync(join(runFolder, SHOWINGS_NAME), 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const showings: Showing[] = [];
  let intact = true;
  let previous = NO_LINE;
  for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) {
    try {
      const { previous: before, ...showing } = JSON.parse(line) as Showing & { previous: string };
      intact &&= before === previous;
      showings.push(showing);
    } catch {
      intact = false;
    }
    previous = hash('sha256', line, 'hex');
  }
  return { showings, intact };
}
