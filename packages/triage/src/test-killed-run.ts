import { readFileSync } from 'node:fs';
import { killableDevice, killableSetup } from './test-killable-device.ts';
import { runOnce } from './test-run.ts';

/*
 * A run in a process of its own, so that tests can kill it: argv is image path, out folder, seed.
 * Not used by the program.
 */
const [imagePath, outFolder] = process.argv.slice(2) as [string, string];
const device = killableDevice();
if (!readFileSync(imagePath).equals(device.bytes)) throw new Error('the image is not the one this program makes');
await runOnce({ imagePath, outFolder }, killableSetup(device));
