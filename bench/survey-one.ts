/**
 * The measured side of survey.ts. `node survey-one.ts IMAGE SET KEYFILE OUT [THREADS]`
 *
 * A run whose survey reads every chunk of the image once and looks it up, and that reads no file besides: profile
 * `screen` with a target for which the rest is read in place of jittered passes, in the order of a pass to the end. In it are opening and checking the set,
 * partitions, names and places of all files, the journal, the report and the signed certificate; not the controls.
 */
import { rawPublicKey, readKeyFile } from '@kerbside/ledger';
import { DEFAULT_TARGET, runTriage } from '@kerbside/triage';

const [image = '', set = '', keyFile = '', out = '', threads] = process.argv.slice(2);
const keys = readKeyFile(keyFile);
let laneMs = 0;
const { report } = await runTriage({
  sourcePath: image,
  setPaths: [set],
  setKeys: [{ owner: keys.owner, publicKey: rawPublicKey(keys.publicKey), codeKey: keys.codeKey! }],
  outFolder: out,
  profile: 'screen',
  until: { unbrokenBytes: DEFAULT_TARGET.unbrokenBytes, scatteredBytes: 64 * 1024, probability: 0.99 },
  surveySeed: '5c'.repeat(32),
  signer: keys,
  // The lane alone: from its first read to its last record in the journal, with the start of its threads.
  onEvent: (event) => {
    if (event.type !== 'stage') return;
    if (event.stage === 'survey') laneMs = cpuMs();
    if (event.stage === 'content') laneMs = cpuMs() - laneMs;
  },
  ...(threads === undefined ? {} : { workers: Number(threads) }),
});
const { meter, source } = report;
if (meter === null || meter.scattered.some(({ probability }) => probability !== 1)) throw new Error('the survey did not read everything');
console.log(JSON.stringify({ sizeBytes: source.sizeBytes, reads: meter.systematicReads, hits: report.blockHits.length, totalMs: report.timings.totalMs, laneMs }));

/** User and system time of the process so far, all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
