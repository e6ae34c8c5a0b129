import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordOfContent, type KnownRecord } from '../hash-lists/known-record.ts';
import { csvLines } from '../hash-lists/plain-lists.ts';
import { writeTextFile } from '../hash-lists/write-text-file.ts';
import { makeControlVolume, type ControlContent, type ControlVolume } from './make-control-volume.ts';
import { nearListLines } from './near-pictures.ts';

/** Names in a folder of control files. */
export const CONTROL_NAMES = {
  volume: 'control-volume.img',
  /** The specimens, as JSON. */
  specimens: 'control-specimens.json',
  /** CSV of the known contents and of strangers, with lengths: the exact set is compiled from it. */
  list: 'control-list.csv',
  /** CSV of the picture of which altered copies are on the volume, with its PDQ, and of strangers: the near-match set is compiled from it. */
  nearList: 'control-near.csv',
  /** The known contents as files: the block set is made of it. */
  markers: 'markers',
} as const;

/** Rows of contents that are nowhere, so that a look-up has to tell rows apart. */
const STRANGERS = 500;

/** Writes all control files into an empty folder. Always the same bytes. */
export function writeControlFiles(folder: string): ControlVolume {
  const made = makeControlVolume(join(folder, CONTROL_NAMES.volume));
  writeFileSync(join(folder, CONTROL_NAMES.specimens), `${JSON.stringify(made.specimens, null, 1)}\n`);
  writeTextFile(join(folder, CONTROL_NAMES.list), csvLines(controlList(made.known)));
  writeTextFile(join(folder, CONTROL_NAMES.nearList), nearListLines(made.nearKnown));
  mkdirSync(join(folder, CONTROL_NAMES.markers));
  for (const { fileName, content } of made.known) writeFileSync(join(folder, CONTROL_NAMES.markers, fileName), content);
  return made;
}

/**
 * The rows of the exact control set: every known content, and strangers of the same lengths, so that no
 * look-up is right by the length alone.
 */
export function controlList(known: readonly ControlContent[]): KnownRecord[] {
  const rows = known.map(({ fileName, content }) => recordOfContent([content], fileName, null));
  const strangers = Array.from({ length: STRANGERS }, (_, n): KnownRecord => {
    const digest = (algorithm: 'md5' | 'sha1' | 'sha256'): string => hash(algorithm, `stranger ${n}`);
    return { md5: digest('md5'), sha1: digest('sha1'), sha256: digest('sha256'), sizeBytes: rows[n % rows.length]!.sizeBytes, categoryCode: null, fileName: `stranger-${n}.jpg` };
  });
  return [...rows, ...strangers].sort((a, b) => (a.md5 < b.md5 ? -1 : 1));
}
