import { runTool } from './run-tool.ts';
import { ToolLogReader, type ToolLog } from './tool-log.ts';
import { passWords, rasterBytes, type Pass } from './tool-words.ts';

/** How a pass went. */
export interface PassEnd extends ToolLog {
  readonly cpuSeconds: number;
  readonly frames: number;
  /** The program came to the end of the content (or of the window) in good order. */
  readonly reachedEnd: boolean;
  /** As many frames as were asked for came; there may be more. */
  readonly framesFull: boolean;
}

/**
 * Runs one pass and hands on each frame with its place in the pass. The raster is valid during the call only.
 *
 * @throws UnsupportedError `video-tool-missing`, or what `onFrame` throws
 */
export async function readFrames(pass: Pass, onFrame: (raster: Uint8Array, index: number) => Promise<void> | void): Promise<PassEnd> {
  const log = new ToolLogReader(pass.maxFrames);
  const frameBytes = rasterBytes(pass.raster);
  const frame = new Uint8Array(frameBytes);
  let filled = 0;
  let frames = 0;
  const startedMs = performance.now();
  const end = await runTool(
    'ffmpeg',
    passWords(pass),
    { cpuSeconds: null, progress: pass.progress },
    async (chunk) => {
      for (let at = 0; at < chunk.byteLength; ) {
        const size = Math.min(frameBytes - filled, chunk.byteLength - at);
        frame.set(chunk.subarray(at, at + size), filled);
        filled += size;
        at += size;
        if (filled < frameBytes) continue;
        filled = 0;
        if (frames >= pass.maxFrames) return;
        await onFrame(frame, frames);
        frames += 1;
      }
    },
    (chunk) => log.push(chunk),
  );
  log.end();
  const { frameMicros, errors, firstError, cpuSeconds } = log;
  // A hard end by the CPU limit (SIGKILL one second later) or because it hung counts as one: the budget is spent.
  const outOfCpu = log.outOfCpu || end.outOfTime || end.signal === 'SIGXCPU' || end.signal === 'SIGKILL';
  return {
    frameMicros,
    errors,
    firstError,
    // A program that failed early says nothing of its time; it had no more than went by.
    cpuSeconds: cpuSeconds ?? Math.min(pass.cpuSeconds, (performance.now() - startedMs) / 1000),
    outOfCpu,
    frames,
    reachedEnd: end.code === 0 && !outOfCpu,
    framesFull: frames >= pass.maxFrames,
  };
}
