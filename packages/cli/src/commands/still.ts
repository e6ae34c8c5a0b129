import { closeSync, fsyncSync, openSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { KerbsideError, RefusedError, writeFully } from '@kerbside/bytes';
import { DEFAULT_STILL_MODE, MAX_STILL_PX, MIN_STILL_PX, startDecoders, STILL_MODES, type Decoders, type SandboxProfile, type StillMode } from '@kerbside/decode';
import { createContainerDoors, formatCount, openReviewItem, openStillStore, readRunReport, showStill, type ShownStill } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printNotice, printText } from '../output.ts';
import { readPasswords } from '../read-passwords.ts';

const USAGE = 'kerbside still RUN-FOLDER ITEM… --officer NAME [--mode drawing|grey|blur|colour-small] [--to FILE] [--size PX] [--id ID] [--show-known] [--password-file FILE] [--write-blocker TEXT] [--json]';

/** `kerbside still`: small stills of items of a run, made in the sandbox, kept sealed, each making and showing recorded. */
export async function runStillCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    argv,
    {
      mode: { type: 'string' },
      to: { type: 'string' },
      size: { type: 'string' },
      id: { type: 'string' },
      officer: { type: 'string' },
      'show-known': { type: 'boolean' },
      'write-blocker': { type: 'string' },
      'password-file': { type: 'string' },
      json: { type: 'boolean' },
    },
    USAGE,
    [2, Number.MAX_SAFE_INTEGER],
  );
  const [runFolder, ...items] = parsed.positionals as [string, ...string[]];
  const to = textOption(parsed, 'to');
  const id = textOption(parsed, 'id') ?? null;
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  const passwordFile = textOption(parsed, 'password-file');
  const passwords = passwordFile === undefined ? [] : readPasswords(passwordFile, USAGE);
  const longerSidePx = readSize(textOption(parsed, 'size'));
  if (items.length > 1 && (to !== undefined || id !== null)) throw wrongUse('--to and --id are for one item at a time.', USAGE);
  // Whatever is no run's folder gets no store of stills.
  readRunReport(runFolder);
  using store = openStillStore(runFolder, kerbsideHome());
  const pools = new Map<string, Promise<Decoders>>();
  const decoders = (profile: SandboxProfile, purpose: string = profile): Promise<Decoders> => {
    const pool = pools.get(purpose) ?? startDecoders({ workers: 1, profile });
    pools.set(purpose, pool);
    return pool;
  };
  const doors = createContainerDoors(passwords, (depth) => decoders('tools', `unpacking at depth ${depth}`));
  const mode = readMode(textOption(parsed, 'mode'));
  const showOne = async (path: string): Promise<void> => {
    const shown = await showStill(
      {
        runFolder,
        name: { path, id },
        mode,
        ...(longerSidePx === undefined ? {} : { longerSidePx }),
        officer: textOption(parsed, 'officer') ?? '',
        login: userInfo().username,
        showKnown: parsed.values['show-known'] === true,
        store,
        decoders,
        openItem: (sourcePath, name, mask) => openReviewItem(sourcePath, name, mask, { doors, ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }) }),
        ...(to === undefined ? {} : { writesTo: to }),
      },
      to === undefined ? null : ({ still }) => writeNew(to, still.bytes),
    );
    tell(path, shown, to ?? null, parsed.values['json'] === true);
  };
  try {
    return await showEach(items, showOne);
  } finally {
    // One that did not start has been told already.
    for (const pool of pools.values()) await pool.then((one) => one.close(), () => undefined);
  }
}

/** One after the other; what is wrong with one is told, and the next is shown all the same. */
async function showEach(paths: readonly string[], showOne: (path: string) => Promise<void>): Promise<number> {
  let exitCode: number = EXIT.done;
  for (const path of paths) {
    try {
      await showOne(path);
    } catch (error) {
      if (!(error instanceof KerbsideError) || !isOfOneItem(error)) throw error;
      printNotice(`kerbside: ${error.message.includes(path) ? '' : `"${path}": `}${error.message}\n  (${error.code})`);
      exitCode = EXIT.refused;
    }
  }
  return exitCode;
}

/** What is wrong with one item keeps nobody from the next; what is wrong with the store, the record or the source does. */
function isOfOneItem({ kind, code }: KerbsideError): boolean {
  return kind === 'refused' ? /^(still-(item|known)|host-file)-/.test(code) : kind !== 'internal';
}

function readMode(text: string | undefined): StillMode {
  if (text === undefined) return DEFAULT_STILL_MODE;
  const mode = STILL_MODES.find((one) => one === text);
  if (mode === undefined) throw wrongUse(`There is no mode "${text}".`, USAGE);
  return mode;
}

function readSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) throw wrongUse(`--size is ${MIN_STILL_PX} to ${MAX_STILL_PX} pixels, not "${text}".`, USAGE);
  return Number(text);
}

/** A file for the officer who asked, readable by nobody else; an existing one is never touched. */
function writeNew(path: string, bytes: Uint8Array): void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    throw new RefusedError('still-file-not-writable', `${path} could not be made (${(error as Error).message}). Give --to the name of a file that does not exist yet.`, {}, error);
  }
  try {
    writeFully(file, bytes, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function tell(path: string, { still, strip, known, isWhole, from }: ShownStill, to: string | null, json: boolean): void {
  if (json) {
    const facts = strip === null ? { kind: 'picture' } : { kind: 'video', seconds: strip.seconds, columns: strip.columns, notes: strip.notes };
    printJson({ item: path, ...facts, mode: still.mode, format: still.format, widthPx: still.widthPx, heightPx: still.heightPx, bytes: still.bytes.byteLength, from, known: known.known, wholeItemRead: isWhole, file: to === null ? null : resolve(to) });
    return;
  }
  const what = strip === null ? '' : `video, ${strip.seconds.length} ${strip.seconds.length === 1 ? 'frame' : 'frames'}, `;
  const how = from === 'store' ? 'kept from before' : from === 'made' ? 'made and kept sealed' : 'made; the store is full and did not keep it';
  printText(`${path}: ${what}${still.mode}, ${still.widthPx} × ${still.heightPx} pixels, ${formatCount(still.bytes.byteLength)} bytes, ${how}${isWhole ? '' : '; part of the item could not be read'}${known.known === true ? '; KNOWN material' : ''}`);
  if (strip !== null) {
    printText(`  frames, left to right and then down: ${strip.seconds.map(clockTime).join(', ')}`);
    for (const note of strip.notes) printText(`  note: ${note}`);
  }
  if (to !== null) printText(`  written to ${resolve(to)}, and recorded`);
}

/** A place in a video as players show it, to a tenth of a second: `1:02:03.4`. */
function clockTime(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
