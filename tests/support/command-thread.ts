import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { runCommandLine } from '../../packages/cli/src/run-command-line.ts';
import type { CommandAnswer, CommandRequest, CommandThreadStart } from './kerbside-in-thread.ts';

/*
 * Entry of the thread that runs commands for a test file, one after another. What they write to the standard
 * streams is gathered, as a parent process would gather it.
 */

const { answers, done } = workerData as CommandThreadStart;

let written: Readonly<Record<1 | 2, Buffer[]>> = { 1: [], 2: [] };

const writeToFile = fs.writeSync.bind(fs) as (file: number, ...rest: readonly unknown[]) => number;
fs.writeSync = ((file: number, data: string | NodeJS.ArrayBufferView, ...rest: readonly unknown[]): number => {
  if (file !== 1 && file !== 2) return writeToFile(file, data, ...rest);
  const whole = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const bytes = typeof data !== 'string' && typeof rest[0] === 'number' ? whole.subarray(rest[0]) : whole;
  written[file].push(Buffer.from(bytes));
  return bytes.length;
}) as typeof fs.writeSync;
syncBuiltinESMExports();

function answer(status: number): void {
  const result: CommandAnswer = { status, stdout: Buffer.concat(written[1]).toString(), stderr: Buffer.concat(written[2]).toString() };
  answers.postMessage(result);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

// What ends a process with a stack trace ends this command with it.
process.on('uncaughtException', (error) => {
  written[2].push(Buffer.from(`Uncaught ${error.stack ?? String(error)}\n`));
  answer(1);
});

parentPort!.on('message', ({ argv, env }: CommandRequest) => {
  written = { 1: [], 2: [] };
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
  void runCommandLine(argv).then(answer);
});
