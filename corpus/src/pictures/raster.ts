import { makeRandom } from '../random.ts';
import type { Scene } from './scene.ts';

/** Pixels of a scene, three bytes each (red, green, blue), row by row from the top. */
export function rasterise(scene: Scene, widthPx: number, heightPx: number, seed: number, grain: number): Buffer {
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  const noise = Buffer.alloc(4096);
  makeRandom(seed ^ 0x9a1b).fill(noise);
  // Noise of 0 to `reach` on each byte makes the file as large as wanted.
  const reach = Math.round(Math.min(1, Math.max(0, grain)) * 255);
  let at = 0;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const colour = scene.colourAt((x + 0.5) / widthPx, (y + 0.5) / heightPx);
      for (let channel = 0; channel < 3; channel++, at++) {
        const added = reach === 0 ? 0 : (noise[(at + (at >>> 12) * 7) & 4095]! * reach) >> 8;
        pixels[at] = Math.min(255, colour[channel]! + added);
      }
    }
  }
  return pixels;
}
