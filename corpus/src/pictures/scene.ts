import { makeRandom } from '../random.ts';

/** Red, green, blue, 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A made-up landscape with a football pitch: what every generated picture shows. */
export interface Scene {
  /** The colour at a place; both coordinates run from 0 to 1, from the top left. */
  colourAt(x: number, y: number): Colour;
}

const RIDGE_STEPS = 512;

/** A seeded landscape: sky, sun, hills, a striped pitch and a ball. */
export function makeScene(seed: number): Scene {
  const random = makeRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random.fraction();
  const skyTop: Colour = [between(20, 110), between(60, 150), between(140, 250)];
  const skyLow: Colour = [between(160, 250), between(150, 230), between(120, 240)];
  const hill: Colour = [between(30, 120), between(60, 140), between(40, 110)];
  const pitch: Colour = [between(20, 70), between(110, 180), between(20, 70)];
  const sun = { x: between(0.1, 0.9), y: between(0.05, 0.3), radius: between(0.03, 0.09) };
  const ball = { x: between(0.1, 0.9), y: between(0.65, 0.95), radius: between(0.02, 0.06) };
  const horizon = between(0.4, 0.6);
  const waves = Array.from({ length: 3 }, () => ({ rate: between(2, 14), phase: between(0, 7), height: between(0.01, 0.06) }));
  const stripes = between(6, 24);
  // A sine for each pixel would cost more than the rest of a picture together.
  const ridges = Float64Array.from({ length: RIDGE_STEPS + 1 }, (_, step) => {
    return horizon - waves.reduce((sum, wave) => sum + wave.height * (1 + Math.sin((step / RIDGE_STEPS) * wave.rate + wave.phase)), 0);
  });

  return {
    colourAt(x, y) {
      if ((x - ball.x) ** 2 + (y - ball.y) ** 2 < ball.radius ** 2) return [245, 245, 240];
      if (y > horizon + 0.05) return shade(pitch, 0.85 + 0.2 * (Math.floor(x * stripes + y * 3) & 1) - 0.3 * (1 - y));
      const ridge = ridges[Math.floor(Math.min(1, x) * RIDGE_STEPS)]!;
      if (y > ridge) return shade(hill, 0.6 + 0.8 * (y - ridge));
      if ((x - sun.x) ** 2 + (y - sun.y) ** 2 < sun.radius ** 2) return [255, 245, 200];
      return mix(skyTop, skyLow, y / horizon);
    },
  };
}

function shade(colour: Colour, factor: number): Colour {
  return [clampByte(colour[0] * factor), clampByte(colour[1] * factor), clampByte(colour[2] * factor)];
}

function mix(a: Colour, b: Colour, share: number): Colour {
  return [clampByte(a[0] + (b[0] - a[0]) * share), clampByte(a[1] + (b[1] - a[1]) * share), clampByte(a[2] + (b[2] - a[2]) * share)];
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
