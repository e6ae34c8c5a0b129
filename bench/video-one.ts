/**
 * One measured side of video.ts, in a process of its own: `node video-one.ts keys|second CLIP…`. `keys`: first and key
 * frames as the content lane takes them, content served by range. `second`: a full decode with ffmpeg straight from the
 * file, one frame a second. Both hash the same small frames. Prints the frames and the CPU time of the passes: of ffmpeg
 * from its start, and of this process for reading, serving and hashing, compiled code warm.
 */
import { spawn } from 'node:child_process';
import { frameRaster, hashFrame } from '../packages/decode/src/video/hash-frame.ts';
import { makeKeyClip } from '../packages/decode/src/video/key-clip.ts';
import { MAX_VIDEO_CPU_SECONDS } from '../packages/decode/src/video/limits.ts';
import { readKeySamples } from '../packages/decode/src/video/mp4-samples.ts';
import { probeVideo } from '../packages/decode/src/video/probe-video.ts';
import { serveRanges } from '../packages/decode/src/video/range-server.ts';
import { RangedContent } from '../packages/decode/src/video/ranged-content.ts';
import { ClipTally, sampleClip } from '../packages/decode/src/video/sample-clip.ts';
import { fileInput } from './video-decoders.ts';

const SIZE = { widthPx: 1280, heightPx: 720 };
const WARM_FRAMES = 200;

interface Spent {
  readonly frames: number;
  readonly cpuSeconds: number;
}

async function second(path: string): Promise<Spent> {
  const { widthPx, heightPx } = frameRaster(SIZE.widthPx, SIZE.heightPx);
  const words = ['-hide_banner', '-nostats', '-benchmark', '-nostdin', '-threads', '1', '-i', path, '-an', '-vf', `fps=1,scale=${widthPx}:${heightPx}:flags=area,format=gray`, '-f', 'rawvideo', 'pipe:1'];
  const before = process.cpuUsage();
  const child = spawn('ffmpeg', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => (log += text));
  const pieces: Buffer[] = [];
  for await (const chunk of child.stdout) pieces.push(chunk as Buffer);
  await new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(null)));
  const bytes = Buffer.concat(pieces);
  const size = widthPx * heightPx;
  for (let at = 0; at + size <= bytes.byteLength; at += size) hashFrame(bytes.subarray(at, at + size), SIZE.widthPx, SIZE.heightPx);
  const told = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(log);
  if (told === null) throw new Error(`ffmpeg did not tell its CPU time: ${log.slice(-300)}`);
  return { frames: bytes.byteLength / size, cpuSeconds: ownSeconds(before) + Number(told[1]) + Number(told[2]) };
}

async function keys(path: string): Promise<Spent> {
  const { input, close } = fileInput(path);
  const content = new RangedContent(input);
  const server = await serveRanges(content);
  const probe = await probeVideo(content, server.url);
  const before = process.cpuUsage();
  const samples = await readKeySamples(content);
  const clip = samples === null ? null : makeKeyClip(content, samples);
  const keyServer = clip === null ? null : await serveRanges(clip);
  const tally = new ClipTally(MAX_VIDEO_CPU_SECONDS);
  const keyUrl = clip === null || keyServer === null ? null : { url: keyServer.url, frames: clip.frames };
  const frames = await sampleClip({ url: server.url, probe, tally, progress: () => content.readBytes, keys: keyUrl });
  const spent = { frames: frames.length, cpuSeconds: ownSeconds(before) + MAX_VIDEO_CPU_SECONDS - tally.cpuSecondsLeft };
  await Promise.all([server.close(), keyServer?.close()]);
  close();
  return spent;
}

function ownSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

const [side = '', ...paths] = process.argv.slice(2);
const warm = new Uint8Array(256 * 256).map((_, at) => Math.imul(at, 2_654_435_761) >>> 24);
for (let frame = 0; frame < WARM_FRAMES; frame += 1) hashFrame(warm, SIZE.widthPx, SIZE.heightPx);
let frames = 0;
let cpuSeconds = 0;
for (const path of paths) {
  const spent = await (side === 'second' ? second(path) : keys(path));
  frames += spent.frames;
  cpuSeconds += spent.cpuSeconds;
}
console.log(JSON.stringify({ frames, cpuSeconds }));
