import { join } from 'node:path';
import { runTriage, type OnRunEvent, type Report, type RunEvent } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { flushOutput, printJson, printLine, printNotice } from '../output.ts';
import { listenForStop } from '../stop-signal.ts';
import { createPlainView } from '../view/plain-view.ts';
import { summaryLines, type SummaryPlace } from '../view/summary.ts';
import { createTerminalView, type Terminal } from '../view/terminal-view.ts';
import { showsColour } from '../view/words.ts';

const USAGE = 'kerbside triage SOURCE --set FILE… --out FOLDER [--json] [--write-blocker TEXT]';

/** `kerbside triage`: one run over one source. */
export async function runTriageCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--set']),
    { set: { type: 'string', multiple: true }, out: { type: 'string' }, json: { type: 'boolean' }, 'write-blocker': { type: 'string' } },
    USAGE,
    [1, 1],
  );
  const setPaths = textOptions(parsed, 'set');
  const outFolder = textOption(parsed, 'out');
  if (setPaths.length === 0) throw wrongUse('Name at least one compiled set with --set.', USAGE);
  if (outFolder === undefined) throw wrongUse('Say with --out where the report and the journal go.', USAGE);
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  return runTriageWithView({
    sourcePath: parsed.positionals[0]!,
    setPaths,
    outFolder,
    json: parsed.values['json'] === true,
    ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }),
  });
}

/** What to run and how to show it. */
export interface ViewedRun {
  readonly sourcePath: string;
  readonly setPaths: readonly string[];
  readonly outFolder: string;
  /** JSON lines on standard output instead of a view for a person. */
  readonly json: boolean;
  readonly declaredWriteBlocker?: string;
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
    const { sourcePath, setPaths, outFolder, declaredWriteBlocker } = run;
    const result = await runTriage({ sourcePath, setPaths, outFolder, onEvent, signal: stop.signal, ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }) });
    terminal?.finish();
    run.onReport?.(result.report);
    const files = { json: join(outFolder, 'report.json'), html: join(outFolder, 'report.html') };
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
