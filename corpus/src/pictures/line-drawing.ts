import { makeRandom, type Random } from '../random.ts';
import { encodePng } from './png.ts';

/**
 * A seeded drawing: pen strokes of houses, hills and balls on paper, without shades. Pixels, three bytes each.
 */
export function drawLines(seed: number, widthPx: number, heightPx: number): Buffer {
  const random = makeRandom(seed ^ 0x3c5f);
  const paper = 228 + random.below(28);
  const pixels = Buffer.alloc(widthPx * heightPx * 3, paper);
  const ink = random.below(70);
  const pen = Math.max(1, Math.round(Math.min(widthPx, heightPx) / 80));
  const dot = (x: number, y: number): void => {
    for (let dy = 0; dy < pen; dy++) {
      for (let dx = 0; dx < pen; dx++) {
        const column = Math.round(x) + dx;
        const row = Math.round(y) + dy;
        if (column >= 0 && column < widthPx && row >= 0 && row < heightPx) pixels.fill(ink, (row * widthPx + column) * 3, (row * widthPx + column) * 3 + 3);
      }
    }
  };
  const strokes = 4 + random.below(8);
  for (let stroke = 0; stroke < strokes; stroke++) (random.chance(0.5) ? drawBall : drawLine)(random, widthPx, heightPx, dot);
  return pixels;
}

/** The same as PNG. */
export function makeLineDrawing(seed: number, widthPx: number, heightPx: number): Buffer {
  return encodePng(drawLines(seed, widthPx, heightPx), widthPx, heightPx);
}

type Dot = (x: number, y: number) => void;

function drawLine(random: Random, widthPx: number, heightPx: number, dot: Dot): void {
  const [x0, y0, x1, y1] = [random.below(widthPx), random.below(heightPx), random.below(widthPx), random.below(heightPx)];
  const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0)));
  for (let step = 0; step <= steps; step++) dot(x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps);
}

function drawBall(random: Random, widthPx: number, heightPx: number, dot: Dot): void {
  const radius = Math.min(widthPx, heightPx) * (0.05 + 0.25 * random.fraction());
  const [x, y] = [random.below(widthPx), random.below(heightPx)];
  const steps = Math.max(8, Math.ceil(radius * 7));
  for (let step = 0; step < steps; step++) dot(x + radius * Math.cos((step * 2 * Math.PI) / steps), y + radius * Math.sin((step * 2 * Math.PI) / steps));
}
