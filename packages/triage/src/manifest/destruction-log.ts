import { hash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefusedError, syncFolder } from '@kerbside/bytes';
import { canonicalJson } from '@kerbside/ledger';

/*
 * destroyed-manifests.jsonl: one canonical JSON object a line, only ever added to. A destruction is two
 * lines: `intent`, durable before anything is touched, and `done`, durable after. Each line holds the SHA-256
 * of the line before it, so that a line taken out or changed is seen.
 */
export const DESTRUCTION_LOG_NAME = 'destroyed-manifests.jsonl';

/** SHA-256 of the line before the first. */
const NO_LINE = '0'.repeat(64);

/** One line of the log. Times are UTC. */
export type DestructionEntry = {
  readonly state: 'intent' | 'done';
  readonly runId: string;
  readonly label: string | null;
  /** SHA-256 of the manifest's file. */
  readonly fileDigest: string;
  readonly path: string;
  readonly expiresAt: string;
  readonly at: string;
  /** Login name of who ran the program. */
  readonly by: string;
  /** Only in `done`. Nothing was left to do where the file was gone; a file that is not the one condemned is left alone. */
  readonly how?: 'overwritten-and-removed' | 'already-gone' | 'another-file-stands-there';
};

export interface DestructionLog {
  readonly path: string;
  readonly entries: readonly DestructionEntry[];
  /** False when a line does not hold the digest of the one before it: the log was changed, or two programs wrote at once. */
  readonly intact: boolean;
  /** Durable when it returns. @throws RefusedError `destruction-log-not-writable` */
  append(entry: DestructionEntry): void;
}

/**
 * Reads the log of a folder; neither need exist yet.
 *
 * @throws RefusedError `destruction-log-not-readable`
 */
export function openDestructionLog(folder: string): DestructionLog {
  const path = join(folder, DESTRUCTION_LOG_NAME);
  const text = readText(path);
  // A line that a power cut left half written stays, as a line of its own.
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  let needsLineEnd = text !== '' && !text.endsWith('\n');
  const entries: DestructionEntry[] = [];
  let intact = true;
  let previous = NO_LINE;
  for (const line of lines) {
    const parsed = parseLine(line);
    if (parsed !== null) {
      intact &&= parsed.previous === previous;
      entries.push(parsed.entry);
    }
    previous = hash('sha256', line, 'hex');
  }
  return {
    path,
    entries,
    intact,
    append(entry) {
      const line = canonicalJson({ ...entry, previous });
      appendDurably(folder, path, `${needsLineEnd ? '\n' : ''}${line}\n`);
      needsLineEnd = false;
      previous = hash('sha256', line, 'hex');
      entries.push(entry);
    },
  };
}

/** Intents without an end: destructions that a kill or a power cut interrupted. */
export function unfinishedDestructions(log: DestructionLog): DestructionEntry[] {
  const open = new Map<string, DestructionEntry>();
  for (const entry of log.entries) {
    const key = JSON.stringify([entry.fileDigest, entry.path]);
    if (entry.state === 'intent') open.set(key, entry);
    else open.delete(key);
  }
  return [...open.values()];
}

function parseLine(line: string): { entry: DestructionEntry; previous: string } | null {
  try {
    const { previous, ...entry } = JSON.parse(line) as DestructionEntry & { previous: string };
    const texts = [entry.state, entry.runId, entry.fileDigest, entry.path, entry.expiresAt, entry.at, entry.by, previous];
    return texts.every((text) => typeof text === 'string') ? { entry, previous } : null;
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new RefusedError('destruction-log-not-readable', `The record of destroyed manifests ${path} could not be read (${(error as Error).message}). Nothing is destroyed without it.`, {}, error);
  }
}

function appendDurably(folder: string, path: string, text: string): void {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) syncFolder(dirname(made));
    const file = openSync(path, 'a', 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(folder);
  } catch (error) {
    throw new RefusedError('destruction-log-not-writable', `The record of destroyed manifests ${path} could not be written (${(error as Error).message}). Nothing is destroyed without it: give a folder you may write to, by --home or KERBSIDE_HOME.`, {}, error);
  }
}
