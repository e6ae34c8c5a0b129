/** Places and sizes in a drawn face, as shares of its half height; brightness 0 to 255. */
interface Part {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly brightness: number;
}

/** A round head with hair, brows, eyes, nose and mouth: what a child draws. Later parts cover earlier ones; those beside the middle come twice. */
const PARTS: readonly Part[] = [
  { x: 0, y: 0, halfWidth: 0.78, halfHeight: 1, brightness: 190 },
  { x: 0, y: -0.85, halfWidth: 0.8, halfHeight: 0.4, brightness: 60 },
  { x: 0.34, y: -0.2, halfWidth: 0.26, halfHeight: 0.16, brightness: 110 },
  { x: 0.34, y: -0.16, halfWidth: 0.12, halfHeight: 0.08, brightness: 40 },
  { x: 0.34, y: -0.36, halfWidth: 0.26, halfHeight: 0.06, brightness: 70 },
  { x: 0, y: 0.2, halfWidth: 0.16, halfHeight: 0.07, brightness: 140 },
  { x: 0, y: 0.52, halfWidth: 0.32, halfHeight: 0.1, brightness: 90 },
];

/** A soft edge, as a lens makes it, as a share of a part's size. */
const SOFT = 0.35;

/**
 * Draws faces on an even ground, one byte a pixel. They are drawings of nobody.
 * @param faces middles and half heights in pixels
 */
export function drawFaces(widthPx: number, heightPx: number, faces: readonly { readonly x: number; readonly y: number; readonly halfHeight: number }[]): Buffer {
  const pixels = Buffer.alloc(widthPx * heightPx, 125);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let value = 125;
      for (const face of faces) {
        // Both halves are the same.
        const across = Math.abs(x + 0.5 - face.x) / face.halfHeight;
        const down = (y + 0.5 - face.y) / face.halfHeight;
        if (across > 1.2 || Math.abs(down) > 1.4) continue;
        for (const part of PARTS) value += (part.brightness - value) * coverOf(part, across, down);
      }
      pixels[y * widthPx + x] = Math.round(value);
    }
  }
  return pixels;
}

/** How much of a place a part covers: 1 inside, 0 outside, falling off between. */
function coverOf(part: Part, across: number, down: number): number {
  const radius = Math.hypot((across - part.x) / part.halfWidth, (down - part.y) / part.halfHeight);
  return Math.min(1, Math.max(0, (1 + SOFT / 2 - radius) / SOFT));
}
