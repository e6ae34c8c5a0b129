/**
 * The measured side of content-lane.ts. `node content-lane-one.ts IMAGE SET OUT`
 *
 * A whole run of the profile `everything` without controls; says what the content lane did, how long it took on the clock,
 * and how much memory the sandboxed workers came to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { runTriage } from '@kerbside/triage';

const [image = '', set = '', out = ''] = process.argv.slice(2);
let laneMs = 0;
let workerPeakBytes = 0;
const nearMs: number[] = [];
const watch = setInterval(() => (workerPeakBytes = Math.max(workerPeakBytes, largestChildBytes(process.pid))), 250);
const { report } = await runTriage({
  sourcePath: image,
  setPaths: [set],
  outFolder: out,
  profile: 'everything',
  onEvent(event) {
    if (event.type === 'stage' && event.stage === 'content-lane') laneMs = performance.now();
    if (event.type === 'near-hit') nearMs.push(performance.now() - laneMs);
    if (event.type === 'finished') laneMs = performance.now() - laneMs;
  },
});
clearInterval(watch);
const { pictures } = report.coverage.content!;
console.log(JSON.stringify({ pictures, laneMs, workerPeakBytes, nearHits: report.nearHits.length, nearMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));

/** Resident memory of the largest process below this one: a sandboxed worker. */
function largestChildBytes(pid: number): number {
  let largest = 0;
  for (const child of childrenOf(pid)) largest = Math.max(largest, residentBytesOf(child), largestChildBytes(child));
  return largest;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number));
  } catch {
    return [];
  }
}

function residentBytesOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}
