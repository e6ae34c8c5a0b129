import { availableParallelism, totalmem } from 'node:os';
import { statfsSync } from 'node:fs';
import { formatBytes, TOOL_VERSION } from '@kerbside/triage';
import { parseArguments } from '../arguments.ts';
import { checkDecoding } from '../doctor/check-decoding.ts';
import { checkHome } from '../doctor/check-home.ts';
import { checkPrograms } from '../doctor/check-programs.ts';
import { listBlockDevices } from '../doctor/list-block-devices.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printLine } from '../output.ts';
import { foldLine } from '../view/fold-line.ts';
import { harmlessText } from '../view/harmless-text.ts';

/** One thing looked at: `ok`, `limited` (works with less) or `missing`, and what follows from it. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'limited' | 'missing';
  readonly what: string;
}

/** Memory below which a run beside large sets may not fit: 512 MB for the engine, the rest for sets and system. */
const COMFORTABLE_MEMORY_BYTES = 2 * 1024 ** 3;

/** `kerbside doctor`: what this machine can and cannot do, and what to install or change. */
export async function runDoctorCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv, { json: { type: 'boolean' } }, 'kerbside doctor [--json]', [0, 0]);
  const findings = [...checkMachine(), ...(await checkHome(kerbsideHome())), ...checkPrograms(), await checkDecoding()];
  const devices = listBlockDevices();
  if (parsed.values['json'] === true) {
    printJson({ version: TOOL_VERSION, findings, devices });
    return EXIT.done;
  }
  printLine(`Kerbside ${TOOL_VERSION}`);
  const words = { ok: 'ok      ', limited: 'limited ', missing: 'missing ' } as const;
  for (const finding of findings) printFinding(`  ${words[finding.state]} ${finding.name.padEnd(22)} ${finding.what}`);
  printLine('');
  printLine(devices.length === 0 ? 'No block devices are visible.' : 'Block devices:');
  for (const device of devices) {
    printLine(`  ${device.path.padEnd(14)} ${formatBytes(device.sizeBytes).padStart(9)}  ${device.model === '' ? '' : `${device.model}, `}${device.readiness}`);
  }
  return EXIT.done;
}

/** Folded to the terminal, so that names stay apart from what is said of them. */
function printFinding(line: string): void {
  const columns = process.stdout.isTTY ? process.stdout.columns : Infinity;
  for (const part of foldLine(harmlessText(line), columns, ' '.repeat(34))) printLine(part);
}

function checkMachine(): Finding[] {
  const memory = totalmem();
  const cores = availableParallelism();
  const space = statfsSync(process.cwd());
  const root = process.getuid?.() === 0;
  return [
    { name: 'Node', state: 'ok', what: `${process.version} on ${process.platform} ${process.arch}` },
    { name: 'Processor', state: cores >= 2 ? 'ok' : 'limited', what: `${cores} ${cores === 1 ? 'core: reading and hashing share it' : 'cores'}` },
    { name: 'Memory', state: memory >= COMFORTABLE_MEMORY_BYTES ? 'ok' : 'limited', what: `${formatBytes(memory)}; a run needs at most 512 MB and about 12 bytes a digest for each set` },
    { name: 'Space here', state: 'ok', what: `${formatBytes(space.bavail * space.bsize)} free in this folder` },
    {
      name: 'Raw devices',
      state: process.platform !== 'linux' ? 'missing' : root ? 'ok' : 'limited',
      what: process.platform !== 'linux' ? 'block devices are read on Linux only; images and folders work here' : root ? 'readable (running as root)' : 'need root, or a group that may read them; images and folders work',
    },
  ];
}
