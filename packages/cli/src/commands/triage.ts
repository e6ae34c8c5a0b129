import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureUnitKeys } from '@kerbside/ledger';
import { parseRetention, parseSearchFacts, parseUntil, PROFILES, runTriage, type OnRunEvent, type Profile, type Report, type RunEvent, type TriageOptions } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { checkModel } from '../check-model.ts';
import { runControlVolume } from '../control-run.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { flushOutput, printJson, printLine, printNotice } from '../output.ts';
import { readPasswords } from '../read-passwords.ts';
import { gatherSetKeys } from '../set-keys.ts';
import { listenForStop } from '../stop-signal.ts';
import { createPlainView } from '../view/plain-view.ts';
import { summaryLines, type SummaryPlace } from '../view/summary.ts';
import { createTerminalView, type Terminal } from '../view/terminal-view.ts';
import { showsColour } from '../view/words.ts';

const USAGE = 'kerbside triage SOURCE --set FILE… --out FOLDER [--profile screen|known|everything] [--until 20MiB@99%] [--minutes N] [--key FILE…] [--password-file FILE] [--search FILE] [--model FOLDER] [--faces] [--keep-manifest DAYS|DATE] [--json] [--write-blocker TEXT]';

/** `kerbside triage`: one run over one source. */
export async function runTriageCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--set', '--key']),
    {
      set: { type: 'string', multiple: true },
      key: { type: 'string', multiple: true },
      out: { type: 'string' },
      profile: { type: 'string' },
      until: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      'keep-manifest': { type: 'string' },
      json: { type: 'boolean' },
      'write-blocker': { type: 'string' },
      'password-file': { type: 'string' },
      search: { type: 'string' },
      model: { type: 'string' },
      faces: { type: 'boolean' },
    },
    USAGE,
    [1, 1],
  );
  const setPaths = textOptions(parsed, 'set');
  const outFolder = textOption(parsed, 'out');
  if (setPaths.length === 0) throw wrongUse('Name at least one set with --set.', USAGE);
  if (outFolder === undefined) throw wrongUse('Say with --out where the report and the journal go.', USAGE);
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  const until = textOption(parsed, 'until');
  const minutes = readMinutes(textOption(parsed, 'minutes'));
  const keep = textOption(parsed, 'keep-manifest');
  const passwordFile = textOption(parsed, 'password-file');
  const searchFile = textOption(parsed, 'search');
  const modelFolder = textOption(parsed, 'model');
  if (modelFolder !== undefined) await checkModel(modelFolder);
  const surveySeed = readSeed(textOption(parsed, 'seed'));
  return runTriageWithView({
    sourcePath: parsed.positionals[0]!,
    setPaths,
    outFolder,
    setKeys: gatherSetKeys(textOptions(parsed, 'key')),
    profile: readProfile(textOption(parsed, 'profile')),
    json: parsed.values['json'] === true,
    ...(until === undefined ? {} : { until: parseUntil(until) }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(keep === undefined ? {} : { manifest: { expiresAt: parseRetention(keep, new Date()), label: basename(outFolder) } }),
    ...(surveySeed === undefined ? {} : { surveySeed }),
    ...(passwordFile === undefined ? {} : { passwords: readPasswords(passwordFile, USAGE) }),
    ...(searchFile === undefined ? {} : { searchContext: parseSearchFacts(readTextFile(searchFile)) }),
    ...(modelFolder === undefined ? {} : { modelFolder }),
    ...(parsed.values['faces'] === true ? { countsFaces: true } : {}),
    ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }),
  });
}

function readProfile(text: string | undefined): Profile {
  const profile = PROFILES.find((one) => one === (text ?? 'known'));
  if (profile === undefined) throw wrongUse(`There is no profile "${text ?? ''}": it is one of ${PROFILES.join(', ')}.`, USAGE);
  return profile;
}

/** A week: whoever wants more wants no limit. */
const MOST_MINUTES = 7 * 24 * 60;

function readMinutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) throw wrongUse(`--minutes takes a number above 0, up to ${MOST_MINUTES}; "${text}" is not that.`, USAGE);
  return minutes;
}

/** A seed makes every place that the survey reads; given again it repeats them. Without it the seed is drawn and secret. */
function readSeed(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text;
  throw wrongUse('--seed takes 64 hexadecimal digits in lower case, as a report states them.', USAGE);
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrongUse(`The file ${path} could not be read.`, USAGE);
  }
}

/** What to run and how to show it. */
export interface ViewedRun extends Pick<TriageOptions, 'sourcePath' | 'setPaths' | 'outFolder' | 'setKeys' | 'profile' | 'until' | 'minutes' | 'manifest' | 'surveySeed' | 'passwords' | 'searchContext' | 'modelFolder' | 'countsFaces' | 'declaredWriteBlocker'> {
  /** JSON lines on standard output instead of a view for a person. */
  readonly json: boolean;
  /** Receives the report when the run has ended. */
  readonly onReport?: (report: Report) => void;
}

/** Runs triage with the view that fits: JSON lines, a live terminal, or plain lines. Ctrl-C stops it once, truthfully. */
export async function runTriageWithView(run: ViewedRun): Promise<number> {
  const terminal = !run.json && process.stderr.isTTY ? createTerminalView(standardError()) : null;
  const onEvent: OnRunEvent = run.json ? printEvent : (terminal?.onEvent ?? createPlainView(printNotice));
  using stop = listenForStop(() => {
    if (terminal === null) printNotice('kerbside: stopping, keeping what is done. The same command takes the run up again.');
    else terminal.stopping();
  });
  try {
    const { json: _json, onReport: _onReport, ...options } = run;
    const result = await runTriage({ ...options, controls: runControlVolume, signer: ensureUnitKeys(kerbsideHome()), onEvent, signal: stop.signal });
    terminal?.finish();
    run.onReport?.(result.report);
    const files = { json: join(run.outFolder, 'report.json'), html: join(run.outFolder, 'report.html') };
    if (!run.json) for (const line of summaryLines(result.report, files, summaryPlace())) printLine(line);
    return result.exitCode;
  } finally {
    flushOutput();
  }
}

function standardError(): Terminal {
  return {
    get columns() {
      return process.stderr.columns;
    },
    get rows() {
      return process.stderr.rows;
    },
    inColour: showsColour(process.stderr),
    write: (text) => process.stderr.write(text),
  };
}

/** Folded to the terminal; whole lines where a program or a file receives them. */
function summaryPlace(): SummaryPlace {
  return { columns: process.stdout.isTTY ? process.stdout.columns : Infinity, inColour: showsColour(process.stdout) };
}

/** One JSON line an event; the last is the summary, and the whole report stays in its file. */
function printEvent(event: RunEvent): void {
  if (event.type === 'finished') {
    const { verdict, reasons, coverage, timings, hits } = event.report;
    printJson({ summary: { verdict, exitCode: event.exitCode, reasons, hits: hits.length, items: coverage.items, bytesRead: coverage.bytesRead, timings } });
  } else printJson(event);
  flushOutput();
}
