import { closeSync, fsyncSync, openSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { RefusedError, writeFully } from '@kerbside/bytes';
import { DEFAULT_STILL_MODE, MAX_STILL_PX, MIN_STILL_PX, startDecoders, STILL_MODES, type Decoders, type StillMode } from '@kerbside/decode';
import { formatCount, openStillStore, readReviewItem, showStill, type ShownStill } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printText } from '../output.ts';

const USAGE = 'kerbside still RUN-FOLDER ITEM… --officer NAME [--mode drawing|grey|blur|colour-small] [--to FILE] [--size PX] [--id ID] [--show-known] [--write-blocker TEXT] [--json]';

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
      json: { type: 'boolean' },
    },
    USAGE,
    [2, Number.MAX_SAFE_INTEGER],
  );
  const [runFolder, ...items] = parsed.positionals as [string, ...string[]];
  const to = textOption(parsed, 'to');
  const id = textOption(parsed, 'id') ?? null;
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  const longerSidePx = readSize(textOption(parsed, 'size'));
  if (items.length > 1 && (to !== undefined || id !== null)) throw wrongUse('--to and --id are for one item at a time.', USAGE);
  using store = openStillStore(runFolder, kerbsideHome());
  let decoders: Promise<Decoders> | null = null;
  try {
    for (const path of items) {
      const shown = await showStill(
        {
          runFolder,
          name: { path, id },
          mode: readMode(textOption(parsed, 'mode')),
          ...(longerSidePx === undefined ? {} : { longerSidePx }),
          officer: textOption(parsed, 'officer') ?? '',
          login: userInfo().username,
          showKnown: parsed.values['show-known'] === true,
          store,
          decoders: () => (decoders ??= startDecoders({ workers: 1, profile: 'picture' })),
          readItem: (sourcePath, name) => readReviewItem(sourcePath, name, declaredWriteBlocker),
          ...(to === undefined ? {} : { writesTo: to }),
        },
        to === undefined ? null : ({ still }) => writeNew(to, still.bytes),
      );
      tell(path, shown, to ?? null, parsed.values['json'] === true);
    }
  } finally {
    await (await (decoders as Promise<Decoders> | null))?.close();
  }
  return EXIT.done;
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

function tell(path: string, { still, known, isWhole, from }: ShownStill, to: string | null, json: boolean): void {
  if (json) {
    printJson({ item: path, mode: still.mode, format: still.format, widthPx: still.widthPx, heightPx: still.heightPx, bytes: still.bytes.byteLength, from, known: known.known, wholeItemRead: isWhole, file: to === null ? null : resolve(to) });
    return;
  }
  const how = from === 'store' ? 'kept from before' : from === 'made' ? 'made and kept sealed' : 'made; the store is full and did not keep it';
  printText(`${path}: ${still.mode}, ${still.widthPx} × ${still.heightPx} pixels, ${formatCount(still.bytes.byteLength)} bytes, ${how}${isWhole ? '' : '; part of the item could not be read'}${known.known === true ? '; KNOWN material' : ''}`);
  if (to !== null) printText(`  written to ${resolve(to)}, and recorded`);
}
