/**
 * Upper bound of the chance to count `hits` or more in `trials` when each has the chance `probability`: Chernoff's
 * bound exp(−n·KL(hits/n ‖ p)). 1 where the count is not above what is expected.
 */
export function chanceOfExcess(hits: number, trials: number, probability: number): number {
  const seen = hits / trials;
  if (seen <= probability) return 1;
  if (probability <= 0) return 0;
  const rest = seen === 1 ? 0 : (1 - seen) * Math.log((1 - seen) / (1 - probability));
  return Math.exp(-trials * (seen * Math.log(seen / probability) + rest));
}
