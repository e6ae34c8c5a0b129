/** What a photograph is painted on: three bytes a pixel and the texture that every surface borrows from. */
export interface Canvas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8ClampedArray;
  /** Width × height values around 0, see makeFractalField. */
  readonly texture: Float32Array;
}

/** How a surface looks. */
export interface Surface {
  readonly colour: readonly [red: number, green: number, blue: number];
  /** Contrast of the texture, 0 to about 0.5. */
  readonly roughness: number;
  /** Change of brightness from left to right, and from top to bottom, of the whole picture. */
  readonly slopeX: number;
  readonly slopeY: number;
  /** Where in the texture this surface begins, in pixels. */
  readonly textureAt: number;
}

/** Paints the pixels from `left` up to, not including, `right` of one row. Places outside the canvas are left out. */
export function paintSpan(canvas: Canvas, y: number, left: number, right: number, surface: Surface): void {
  const { widthPx, heightPx, pixels, texture } = canvas;
  if (y < 0 || y >= heightPx) return;
  const from = Math.max(0, left);
  const to = Math.min(widthPx, right);
  const [red, green, blue] = surface.colour;
  const base = 1 + surface.slopeY * (y / heightPx - 0.5) - surface.slopeX * 0.5;
  const step = surface.slopeX / widthPx;
  let grainAt = (surface.textureAt + y * widthPx + from) % texture.length;
  let at = (y * widthPx + from) * 3;
  for (let x = from; x < to; x++, at += 3) {
    const light = base + step * x + surface.roughness * texture[grainAt]!;
    pixels[at] = red * light;
    pixels[at + 1] = green * light;
    pixels[at + 2] = blue * light;
    grainAt = grainAt + 1 === texture.length ? 0 : grainAt + 1;
  }
}
