export type { DigestAlgorithm, KnownSet, SetFacts, SetMeaning, SetRow } from './known-set.ts';
