import type { LongFiles } from './survey/meter-facts.ts';

/* Figures that promise something: they are rounded so that the words never say more than was measured. */

/** `99.2 %`, rounded down: 98.99 % is never shown as 99 %. 100 % stands for certainty alone. */
export function formatProbability(probability: number): string {
  if (probability >= 1) return '100 %';
  if (probability > 0.9999) return 'over 99.99 %';
  const steps = probability >= 0.999 ? 10_000 : 1000;
  return `${percentText(floorTo(probability, steps), steps)} %`;
}

/** The lower end of a share, rounded down to a percent, or to a tenth below 10 %. */
export function formatShareDown(share: number): string {
  if (share <= 0) return '0 %';
  const steps = share < 0.1 ? 1000 : 100;
  return `${percentText(floorTo(share, steps), steps)} %`;
}

/** The upper end of a share, rounded up likewise. */
export function formatShareUp(share: number): string {
  const steps = share < 0.1 ? 1000 : 100;
  return `${percentText(ceilTo(share, steps), steps)} %`;
}

/** `20 MiB`, `1.36 GiB`, rounded up: what is promised from this size on is never promised from a smaller one. */
export function formatSizeUp(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${Math.ceil(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const steps = value < 10 ? 100 : value < 100 ? 10 : 1;
  return `${String(ceilTo(value, steps))} ${units[unit]!}`;
}

/** What holds of material in one piece. Blocks that no set indexes (common ones, parts of long files) are met by no survey, so their share is said. */
export function unbrokenSentence(unbrokenBytes: number, indexedShare: number): string {
  const indexed = indexedShare >= 1 ? '' : `, by the ${formatShareDown(indexedShare)} of its blocks that the sets index`;
  return `Any unbroken run of ${formatSizeUp(unbrokenBytes)} or more of known material would have been met${indexed}.`;
}

/** What holds of material in any number of pieces; of long files, of which fewer blocks are indexed, for a greater amount. */
export function scatteredSentence({ bytes, probability }: { readonly bytes: number; readonly probability: number }, longFiles: LongFiles | undefined): string {
  const ofLongFiles = longFiles === undefined ? '' : `; of files over ${formatSizeUp(longFiles.aboveBytes)}, ${String(longFiles.timesAsMuch)} times as much`;
  return `${formatSizeUp(bytes)} or more, however scattered, would have been met with ${formatProbability(probability)}${ofLongFiles}.`;
}

/** The greatest whole number of steps that is not above the value: exact, where multiplying and rounding down is not (0.29 × 100 is under 29). */
function floorTo(value: number, steps: number): number {
  const nearest = Math.round(value * steps);
  return (nearest / steps > value ? nearest - 1 : nearest) / steps;
}

function ceilTo(value: number, steps: number): number {
  const nearest = Math.round(value * steps);
  return (nearest / steps < value ? nearest + 1 : nearest) / steps;
}

function percentText(share: number, steps: number): string {
  return (share * 100).toFixed(Math.log10(steps) - 2);
}
