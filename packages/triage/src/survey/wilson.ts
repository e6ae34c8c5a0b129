/** 97.5th percentile of the normal distribution: two sides of 2.5 %. */
const Z = 1.959963984540054;

/**
 * 95 % interval of a share by Wilson's score method (E. B. Wilson, JASA 22, 1927), which holds also near
 * 0 and 1 and for few trials, where the plain interval does not.
 *
 * @param successes 0 to `trials`
 * @returns 0 to 1 where there are no trials
 */
export function wilsonInterval(successes: number, trials: number): { readonly low: number; readonly high: number } {
  if (trials <= 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const spread = (Z * Z) / trials;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share) + spread / 4) / trials);
  // At the ends the bound is exact; rounding must not move it past the share.
  return { low: successes === 0 ? 0 : Math.max(0, Math.min(share, centre - half)), high: successes === trials ? 1 : Math.min(1, Math.max(share, centre + half)) };
}
