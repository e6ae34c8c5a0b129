/** For the tests of the pool: a worker that answers every request with a lie (lies.ts), in the real sandbox. */
import { readSync, writeSync } from 'node:fs';
import { frameHead, READY } from '../protocol/frames.ts';
import { makeLies } from './lies.ts';

const PARENT = 3;
const nextLie = makeLies(Number(process.argv[2]));
const buffer = new Uint8Array(64 * 1024);

writeSync(PARENT, frameHead(READY, 0));
while (readSync(PARENT, buffer, 0, buffer.length, null) > 0) writeSync(PARENT, nextLie());
