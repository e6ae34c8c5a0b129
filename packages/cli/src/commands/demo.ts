import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDemoDevice, type DemoDevice } from '@kerbside/corpus';
import { buildBlockSet, buildSet } from '@kerbside/match';
import { formatCount, verifyCertificateFiles, type Report } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { flushOutput, printLine } from '../output.ts';
import { replayBeside } from '../replay.ts';
import { gatherSetKeys, signerFrom } from '../set-keys.ts';
import { runTriageWithView } from './triage.ts';

/** Same device every time: what the demo shows can be checked against what was made. */
const SEED = 20_260;

/** 1 is a device of 679 MB; smaller ones are for tests, larger ones for trying out. */
const LEAST_SCALE = 0.1;
const MOST_SCALE = 20;

const USAGE = 'kerbside demo [--folder FOLDER] [--scale 1]';

/**
 * `kerbside demo`: makes a benign device, compiles a made-up list, runs triage, and compares the answer
 * with what was made. Never waits for a person.
 */
export async function runDemoCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { folder: { type: 'string' }, scale: { type: 'string' } }, USAGE, [0, 0]);
  const scale = readScale(textOption(parsed, 'scale'));
  const given = textOption(parsed, 'folder');
  if (given !== undefined) mkdirSync(given, { recursive: true });
  const folder = given ?? mkdtempSync(join(tmpdir(), 'kerbside-demo-'));
  const say = (line: string): void => {
    printLine(line);
    flushOutput();
  };

  say('1. Making a benign device: generated scenes, gradients and text about football …');
  const device = makeDemoDevice({ folder, seed: SEED, scale });
  say(`   ${formatCount(device.expected.files)} files (${formatCount(device.expected.deletedFiles)} of them deleted), ${formatCount(device.expected.hits.length)} of them on a made-up list\n   ${device.imagePath}`);

  say('2. Compiling the list to a set …');
  const setPath = join(folder, 'demo-list.kset');
  const built = await buildSet({ out: setPath, inputs: [device.listPaths.vics], meaning: 'alert', name: 'Demo list', categoryMap: device.listPaths.categoryMap, importedBy: 'demo' });
  say(`   ${formatCount(built.totals.accepted)} contents, ${formatCount(built.facts.rowsWithoutSize)} without a length`);

  say('3. Making a block set of the pictures of a tip: keyed codes of their blocks, which find parts of them too …');
  const blocksPath = join(folder, 'demo-tip.kblocks');
  const blocks = await buildBlockSet({ out: blocksPath, from: [device.tipFolder], name: 'Demo tip', category: 'B', signer: signerFrom(undefined) });
  say(`   ${formatCount(blocks.facts.files)} pictures, ${formatCount(blocks.facts.blocks)} of ${formatCount(blocks.facts.blocksSeen)} blocks indexed`);

  say('4. Triage: controls first, then files, then blocks over the whole device …');
  let report: Report | null = null;
  const outFolder = join(folder, 'run');
  await runTriageWithView({ sourcePath: device.imagePath, setPaths: [setPath, blocksPath], setKeys: gatherSetKeys([]), outFolder, json: false, onReport: (made) => (report = made) });
  const faults = report === null ? ['there is no report'] : compareWithMade(device, report);
  if (faults.length > 0) {
    say(`\nThe answer is NOT what was made:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    return EXIT.fault;
  }
  say('\n5. The certificate: its signature, and the same reads made again …');
  const { agrees } = await verifyCertificateFiles(outFolder, { replay: (certificate) => replayBeside(outFolder)(certificate, device.imagePath, { setPaths: [], keyPaths: [] }) });
  say(agrees ? '   The signature is right, and reading the device again gave the same root and the same verdict.' : '   It does NOT agree.');
  if (!agrees) return EXIT.fault;
  say(`\nChecked against what was made: every one of the ${formatCount(device.expected.hits.length)} known files was found at its place, and nothing else.`);
  say(`Everything is in ${folder}; remove it when you have looked.`);
  return EXIT.done;
}

function readScale(text: string | undefined): number {
  const scale = Number(text ?? 1);
  if (!(scale >= LEAST_SCALE && scale <= MOST_SCALE)) throw wrongUse(`--scale takes a number from ${LEAST_SCALE} to ${MOST_SCALE}; "${text ?? ''}" is not that.`, USAGE);
  return scale;
}

/** What the run got wrong, in sentences; empty when it is right. */
function compareWithMade(device: DemoDevice, report: Report): string[] {
  const faults: string[] = [];
  const found = new Map(report.hits.map((hit) => [hit.path, hit.digests['sha1']]));
  for (const hit of device.expected.hits) {
    // A deleted short name may have lost its first letter, so deleted files are known by content.
    const right = hit.deleted ? report.hits.some((one) => one.digests['sha1'] === hit.sha1 && one.state !== 'allocated') : found.get(hit.path) === hit.sha1;
    if (!right) faults.push(`${hit.path} is known and was not found`);
  }
  const made = new Set(device.expected.hits.map((hit) => hit.sha1));
  for (const hit of report.hits) if (!made.has(hit.digests['sha1'] ?? '')) faults.push(`${hit.path} was called known and is not`);
  if (!report.blockHits.some(({ rule }) => rule !== 'lead')) faults.push('no blocks of the tip were found');
  if (report.controls.state !== 'passed') faults.push(`the controls are ${report.controls.state}`);
  if (report.verdict !== 'known-material-found') faults.push(`the verdict is ${report.verdict}`);
  return faults;
}
