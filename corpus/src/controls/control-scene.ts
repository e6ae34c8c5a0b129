import { makeRandom } from '../random.ts';
import type { Colour, Scene } from '../pictures/scene.ts';

/**
 * A landscape for the control volume: sky, hills, a striped pitch and a ball. Made of + − × ÷ and
 * comparisons alone, which every machine and every version of the runtime computes alike (ECMA-262,
 * IEEE 754). Sines and powers may differ in the last bit, and the volume is sealed by its digest.
 */
export function makeControlScene(seed: number): Scene {
  const random = makeRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random.fraction();
  const sky: Colour = [between(40, 120), between(110, 170), between(170, 250)];
  const haze: Colour = [between(180, 250), between(170, 230), between(140, 220)];
  const hill: Colour = [between(30, 110), between(70, 140), between(40, 110)];
  const pitch: Colour = [between(20, 70), between(110, 180), between(20, 70)];
  const horizon = between(0.4, 0.6);
  const waves = Array.from({ length: 3 }, () => ({ rate: between(1, 6), shift: between(0, 1), height: between(0.03, 0.1) }));
  const stripes = between(6, 24);
  const ball = { x: between(0.1, 0.9), y: between(0.7, 0.95), radius: between(0.02, 0.06) };
  return {
    colourAt(x, y) {
      if ((x - ball.x) * (x - ball.x) + (y - ball.y) * (y - ball.y) < ball.radius * ball.radius) return [245, 245, 240];
      if (y > horizon + 0.05) return shade(pitch, 0.85 + 0.2 * (Math.floor(x * stripes + y * 3) & 1) - 0.3 * (1 - y));
      const ridge = waves.reduce((edge, wave) => edge - wave.height * zigzag(x * wave.rate + wave.shift), horizon);
      if (y > ridge) return shade(hill, 0.6 + 0.8 * (y - ridge));
      return mix(sky, haze, y / horizon);
    },
  };
}

/** Rises from 0 to 1 and falls again over each whole step. */
function zigzag(at: number): number {
  const part = at - Math.floor(at);
  return part < 0.5 ? 2 * part : 2 - 2 * part;
}

function shade(colour: Colour, factor: number): Colour {
  return [clampByte(colour[0] * factor), clampByte(colour[1] * factor), clampByte(colour[2] * factor)];
}

function mix(from: Colour, to: Colour, share: number): Colour {
  return [clampByte(from[0] + (to[0] - from[0]) * share), clampByte(from[1] + (to[1] - from[1]) * share), clampByte(from[2] + (to[2] - from[2]) * share)];
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
