import type { Random } from '../random.ts';
import { paintSpan, type Canvas, type Surface } from './canvas.ts';

/**
 * Paints discs and slanted bars over one another, far more small ones than large: the edges of a
 * photograph of things that hide one another ("dead leaves", Lee, Mumford and Huang 2001).
 *
 * @param smallest, largest radius as a share of the shorter side
 */
export function paintShapes(canvas: Canvas, random: Random, count: number, smallest: number, largest: number): void {
  const side = Math.min(canvas.widthPx, canvas.heightPx);
  for (let i = 0; i < count; i++) {
    // Inverse of the distribution with density r^-3 between the two radii.
    const share = random.fraction();
    const radius = side / Math.sqrt((1 - share) / smallest ** 2 + share / largest ** 2);
    const shape = {
      x: random.fraction() * canvas.widthPx,
      y: random.fraction() * canvas.heightPx,
      angle: random.fraction() * Math.PI,
      long: radius,
      short: radius * (0.25 + 0.75 * random.fraction()),
    };
    const surface = makeSurface(canvas, random);
    if (random.chance(0.6)) paintDisc(canvas, shape, surface);
    else paintBar(canvas, shape, surface);
  }
}

/** A surface of any colour, mostly dull, as most things are. */
export function makeSurface(canvas: Canvas, random: Random): Surface {
  const grey = 30 + 190 * random.fraction();
  const tint = random.chance(0.2) ? 120 : 40;
  const channel = (): number => Math.min(245, Math.max(10, grey + tint * (random.fraction() - 0.5)));
  return {
    colour: [channel(), channel(), channel()],
    roughness: 0.22 * random.fraction() ** 2,
    slopeX: random.fraction() - 0.5,
    slopeY: random.fraction() - 0.5,
    textureAt: random.below(canvas.texture.length),
  };
}

interface Shape {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly long: number;
  readonly short: number;
}

/** A slanted ellipse: per row the two roots of its quadratic form. */
function paintDisc(canvas: Canvas, { x, y, angle, long, short }: Shape, surface: Surface): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const a = (cos / long) ** 2 + (sin / short) ** 2;
  const b = 2 * cos * sin * (1 / long ** 2 - 1 / short ** 2);
  const c = (sin / long) ** 2 + (cos / short) ** 2;
  const top = Math.max(0, Math.floor(y - long));
  const bottom = Math.min(canvas.heightPx - 1, Math.ceil(y + long));
  for (let row = top; row <= bottom; row++) {
    const dy = row + 0.5 - y;
    const inside = (b * dy) ** 2 - 4 * a * (c * dy * dy - 1);
    if (inside <= 0) continue;
    const half = Math.sqrt(inside) / (2 * a);
    const middle = x - (b * dy) / (2 * a);
    paintSpan(canvas, row, Math.round(middle - half), Math.round(middle + half), surface);
  }
}

/** A slanted rectangle: per row the stretch between its two pairs of edges. */
function paintBar(canvas: Canvas, { x, y, angle, long, short }: Shape, surface: Surface): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = Math.hypot(long, short);
  const top = Math.max(0, Math.floor(y - reach));
  const bottom = Math.min(canvas.heightPx - 1, Math.ceil(y + reach));
  for (let row = top; row <= bottom; row++) {
    const dy = row + 0.5 - y;
    const along = stretch(cos, sin * dy, long);
    const across = stretch(-sin, cos * dy, short);
    paintSpan(canvas, row, Math.round(x + Math.max(along[0], across[0])), Math.round(x + Math.min(along[1], across[1])), surface);
  }
}

/** Where |factor · dx + offset| ≤ limit. */
function stretch(factor: number, offset: number, limit: number): [number, number] {
  if (Math.abs(factor) < 1e-9) return Math.abs(offset) <= limit ? [-1e9, 1e9] : [0, 0];
  const ends = [(-limit - offset) / factor, (limit - offset) / factor] as const;
  return [Math.min(...ends), Math.max(...ends)];
}
