import { execFileSync } from 'node:child_process';
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePhotograph } from '@kerbside/corpus';
import { cachedFolder } from './image-cache.ts';

/** Generated clips: names of files in the folder, by the distance of their key frames. */
export interface ClipSet {
  readonly folder: string;
  readonly names: readonly string[];
}

/** Pictures a hand-held camera would see: a window that pans and shakes over a larger generated photograph. */
const PICTURES: readonly { readonly name: string; readonly photographSeed: number | null; readonly filter: string }[] = [
  { name: 'walk', photographSeed: 71, filter: "crop=1280:720:x='(iw-1280)*(0.5+0.45*sin(t/7)+0.012*sin(t*9))':y='(ih-720)*(0.5+0.4*cos(t/5)+0.015*sin(t*11+1))'" },
  { name: 'turn', photographSeed: 72, filter: "rotate='0.25*sin(t/3)+0.01*sin(t*13)':ow=iw:oh=ih,crop=1280:720:x='(iw-1280)*(0.5+0.3*cos(t/4))':y='(ih-720)/2'" },
  { name: 'card', photographSeed: null, filter: 'null' },
];

const FRAMES_PER_SECOND = 30;
const PHOTOGRAPH = { width: 2400, height: 1600 };

/**
 * Clips of 720p30 H.264, with grain as a sensor gives it (10 to 20 Mbit/s, as phones record), each with the encoder's own choice of key frames (at most
 * 250 apart) and with one every 30 frames.
 *
 * @param seconds of each clip
 */
export async function makeClips(seconds: number): Promise<{ readonly loose: ClipSet; readonly tight: ClipSet }> {
  const folder = await cachedFolder({ name: 'video-clips', seconds, crf: 22, PICTURES, PHOTOGRAPH }, seconds * 15e6, (into) => {
    for (const { name, photographSeed, filter } of PICTURES) {
      const raw = join(into, 'photograph.raw');
      if (photographSeed !== null) writeFileSync(raw, makePhotograph(photographSeed, PHOTOGRAPH.width, PHOTOGRAPH.height).pixels);
      const input =
        photographSeed === null
          ? ['-f', 'lavfi', '-i', `testsrc2=s=1280x720:r=${FRAMES_PER_SECOND}`]
          : ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${PHOTOGRAPH.width}x${PHOTOGRAPH.height}`, '-framerate', String(FRAMES_PER_SECOND), '-stream_loop', '-1', '-i', raw];
      for (const [kind, gop] of [['loose', 250], ['tight', 30]] as const) {
        ffmpeg([...input, '-t', String(seconds), '-vf', `${filter},noise=alls=8:allf=t,format=yuv420p`, '-c:v', 'libx264', '-preset', 'superfast', '-crf', '22', '-g', String(gop), join(into, `${name}-${kind}.mp4`)]);
      }
      rmSync(raw, { force: true });
    }
  });
  const named = (kind: string): ClipSet => ({ folder, names: PICTURES.map(({ name }) => `${name}-${kind}.mp4`) });
  return { loose: named('loose'), tight: named('tight') };
}

/** Encodes a clip again, as a sharing service would: smaller, poorer, with key frames at other places. */
export function encodeAgain(path: string, to: string): void {
  ffmpeg(['-ss', '0.3', '-i', path, '-vf', 'scale=854:480', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30', '-g', '47', '-y', to]);
}

function ffmpeg(words: readonly string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}
