import { endProcessTree, RefusedError } from '@kerbside/bytes';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenImage, SourceFacts } from '../source-contract.ts';
import { asPlainText } from '../sources/plain-text.ts';
import type { VirtualDiskFormat } from '../sources/identify-file.ts';
import { openNbdSource } from './nbd-source.ts';
import { sandboxedCommand } from './sandboxed-command.ts';
import { vmdkExtents } from './vmdk-descriptor.ts';

const START_TIMEOUT_MS = 20_000;
const START_POLL_MS = 25;
/** A whole day of CPU: the server lives as long as the run. */
const CPU_SECONDS = 24 * 60 * 60;
/** Reading threads at once, with some to spare. */
const MAX_CONNECTIONS = 32;
const MAX_MESSAGE_CHARACTERS = 2_000;

const SHOWN_FORM: Readonly<Record<VirtualDiskFormat, string>> = { qcow2: 'QCOW2', qcow: 'QCOW', vmdk: 'VMDK', vhdx: 'VHDX', vdi: 'VDI', vpc: 'VHD', dmg: 'DMG' };

/**
 * Opens a virtual disk through `qemu-nbd`, read-only and sandboxed: it sees this one file (and the
 * extents a VMDK names in the same folder), and speaks over a socket in a private folder. Nothing
 * is copied and nothing is written.
 *
 * @throws RefusedError `virtual-disk-not-opened` with what qemu says, or with the package to install
 */
export async function openVirtualDisk(path: string, format: VirtualDiskFormat): Promise<OpenImage> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-nbd-'));
  const socketPath = join(folder, 'nbd');
  let server: RunningServer | null = null;
  try {
    server = await startServer(path, format, folder, socketPath);
    const source = openNbdSource(socketPath, -1);
    const { process: running } = server;
    running.stderr?.destroy();
    // The server ends with this process; its folder is removed here when nobody closes the image.
    const atExit = (): void => stop(running, folder);
    process.once('exit', atExit);
    const facts: SourceFacts = {
      kind: 'virtual-disk',
      path: asPlainText(path),
      sizeBytes: source.sizeBytes,
      sectorSizeBytes: 512,
      details: [
        { name: 'form', value: SHOWN_FORM[format] },
        { name: 'file size', value: `${statSync(path).size} bytes` },
        { name: 'read through', value: 'qemu-nbd, sandboxed' },
      ],
    };
    return {
      form: 'image',
      facts,
      source,
      locator: { kind: 'nbd', socketPath, sizeBytes: source.sizeBytes },
      problems: [],
      unreadableRanges: () => source.unreadable.ranges,
      takeReadProblems: () => source.takeProblems(),
      close: async () => {
        process.off('exit', atExit);
        source.close();
        stop(running, folder);
      },
    };
  } catch (error) {
    const why = server === null ? (error instanceof Error ? error.message : String(error)) : `qemu says: ${await server.complaint()}; a differencing disk needs its parent, so give a merged copy`;
    stop(server?.process ?? null, folder);
    throw new RefusedError('virtual-disk-not-opened', `${asPlainText(path)} is a virtual disk (${SHOWN_FORM[format]}) and could not be opened: ${why}`, { path }, error);
  }
}

interface RunningServer {
  readonly process: ChildProcess;
  /** What it has said on its standard error, made safe; waits a moment for a server that is about to end. */
  complaint(): Promise<string>;
}

async function startServer(path: string, format: VirtualDiskFormat, folder: string, socketPath: string): Promise<RunningServer> {
  const main = resolve(path);
  const name = `disk.${format}`;
  const evidence = [{ hostPath: main, name }, ...(format === 'vmdk' ? vmdkExtents(main).map((hostPath) => ({ hostPath, name: basename(hostPath) })) : [])];
  // Of the two sizes in a VHD, the one by cylinders may leave out the last part of the disk.
  const image = format === 'vpc' ? ['--image-opts', `driver=vpc,force_size_calc=current_size,file.driver=file,file.filename=/evidence/${name}`] : [`--format=${format}`, `/evidence/${name}`];
  const args = ['--read-only', '--persistent', `--shared=${MAX_CONNECTIONS}`, '--socket=/socket/nbd', ...image];
  const { command, args: wrapped } = sandboxedCommand('qemu-nbd', args, { evidence, socketFolder: folder, cpuSeconds: CPU_SECONDS, maxFileBytes: 0 });
  const server = spawn(command, wrapped, { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
  let message = '';
  let isOver = false;
  server.stderr.on('data', (piece: Buffer) => {
    if (message.length < MAX_MESSAGE_CHARACTERS) message += piece.toString('utf8');
  });
  server.on('error', () => {
    isOver = true;
  });
  server.on('exit', () => {
    isOver = true;
  });
  const complaint = async (): Promise<string> => {
    for (let waitedMs = 0; !isOver && waitedMs < 1_000; waitedMs += START_POLL_MS) await pause(START_POLL_MS);
    return asPlainText(message.trim().replace(/^qemu-nbd: /, '').replace(/\s+/g, ' ')) || 'it gave no reason';
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!existsSync(socketPath) && !isOver && performance.now() < deadline) await pause(START_POLL_MS);
  server.unref();
  return { process: server, complaint };
}

function stop(server: ChildProcess | null, folder: string): void {
  if (server !== null) endProcessTree(server);
  rmSync(folder, { recursive: true, force: true });
}
