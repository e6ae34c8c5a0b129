import type { Verdict } from './verdict.ts';

/** The words of the verdicts, the same on every screen and paper. Nothing is ever called clean. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  'known-material-found': 'Known material found',
  'needs-examination': 'Needs examination',
  'nothing-known-found': 'Nothing known found in what was read',
  'not-finished': 'Not finished',
};

/** A shape for each verdict, so that it does not rest on colour alone. */
export const VERDICT_SHAPES: Readonly<Record<Verdict, string>> = {
  'known-material-found': '■',
  'needs-examination': '▲',
  'nothing-known-found': '●',
  'not-finished': '○',
};
