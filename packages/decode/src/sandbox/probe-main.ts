/** Runs every escape probe inside the sandbox and tells the parent, as JSON on descriptor 3, which of them got out. */
import { writeSync } from 'node:fs';
import { ESCAPE_PROBES, type WorldOutside } from './escape-probes.ts';

// SIGXFSZ, which the file size limit sends, must not end the probes before they have told.
process.on('SIGXFSZ', () => {});
const outside: WorldOutside = JSON.parse(process.argv[2] ?? '');
const escaped: string[] = [];
const tried: string[] = [];
for (const [name, probe] of Object.entries(ESCAPE_PROBES)) {
  if (await probe(outside)) escaped.push(name);
  tried.push(name);
}
writeSync(3, JSON.stringify({ tried, escaped }));
