import type { Random } from '../random.ts';
import { paintSpan, type Canvas, type Surface } from './canvas.ts';
import { makeSurface } from './paint-shapes.ts';

/** Letters of five rows of three; a bit is a painted cell, the top row in the highest three. */
const LETTERS: Readonly<Record<string, number>> = {
  A: 0b010_101_111_101_101,
  B: 0b110_101_110_101_110,
  C: 0b011_100_100_100_011,
  E: 0b111_100_110_100_111,
  F: 0b111_100_110_100_100,
  G: 0b011_100_101_101_011,
  L: 0b100_100_100_100_111,
  P: 0b110_101_110_100_100,
  R: 0b110_101_110_101_101,
  O: 0b010_101_101_101_010,
  T: 0b111_010_010_010_010,
  U: 0b101_101_101_101_111,
};

const WORDS = ['FOOTBALL', 'GOAL', 'CLUB CAFE', 'TABLE OF LEAGUE', 'CUP BOOTE', 'BAGEL AFTER GOAL'] as const;

/** Paints boards with a few words on them: sharp edges of small size, as signs and captions have. */
export function paintLettering(canvas: Canvas, random: Random, boards: number): void {
  for (let board = 0; board < boards; board++) {
    const word = random.pick(WORDS);
    const cell = Math.max(1, Math.round(canvas.widthPx * (0.002 + 0.008 * random.fraction())));
    const left = Math.round(random.fraction() * canvas.widthPx * 0.7);
    const top = Math.round(random.fraction() * canvas.heightPx * 0.85);
    const ground = makeSurface(canvas, random);
    for (let y = top - cell; y < top + 6 * cell; y++) paintSpan(canvas, y, left - cell, left + word.length * 4 * cell + cell, ground);
    const dark = ground.colour[1] > 120;
    const ink: Surface = { ...ground, colour: dark ? [15, 15, 20] : [240, 238, 230], roughness: 0.02 };
    [...word].forEach((letter, index) => paintLetter(canvas, letter, left + index * 4 * cell, top, cell, ink));
  }
}

function paintLetter(canvas: Canvas, letter: string, left: number, top: number, cell: number, ink: Surface): void {
  const pattern = LETTERS[letter] ?? 0;
  for (let bit = 0; bit < 15; bit++) {
    if (((pattern >> (14 - bit)) & 1) === 0) continue;
    const x = left + (bit % 3) * cell;
    const y = top + Math.floor(bit / 3) * cell;
    for (let row = y; row < y + cell; row++) paintSpan(canvas, row, x, x + cell, ink);
  }
}
