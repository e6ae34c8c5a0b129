/** A place and size in pixels of the picture. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Windows whose edges differ by less than this share of their mean size show the same thing. */
const LIKENESS = 0.2;

/**
 * Puts windows that show the same thing together, in chains, and keeps groups of enough of them; of a group inside a
 * larger one with more windows only the larger counts.
 *
 * @returns the mean window of each group
 */
export function groupWindows(windows: readonly Window[], least: number): Window[] {
  const groupOf = windows.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (groupOf[root] !== root) root = groupOf[root]!;
    return root;
  };
  for (let a = 0; a < windows.length; a++) for (let b = 0; b < a; b++) if (areAlike(windows[a]!, windows[b]!)) groupOf[find(a)] = find(b);
  const groups = [...Map.groupBy(windows, (_, index) => find(index)).values()].filter((group) => group.length >= least);
  const means = groups.map((group) => ({ count: group.length, window: meanOf(group) }));
  return means.filter((one) => !means.some((other) => other !== one && other.count >= one.count && isInside(one.window, other.window))).map(({ window }) => window);
}

function areAlike(a: Window, b: Window): boolean {
  const slack = (LIKENESS * (Math.min(a.width, b.width) + Math.min(a.height, b.height))) / 2;
  return Math.abs(a.x - b.x) <= slack && Math.abs(a.y - b.y) <= slack && Math.abs(a.x + a.width - b.x - b.width) <= slack && Math.abs(a.y + a.height - b.y - b.height) <= slack;
}

function meanOf(group: readonly Window[]): Window {
  const mean = (value: (one: Window) => number): number => group.reduce((sum, one) => sum + value(one), 0) / group.length;
  return { x: mean((one) => one.x), y: mean((one) => one.y), width: mean((one) => one.width), height: mean((one) => one.height) };
}

/** Inside, but for a margin of a fifth of the larger. */
function isInside(small: Window, large: Window): boolean {
  const margin = LIKENESS * large.width;
  return small.x >= large.x - margin && small.y >= large.y - margin && small.x + small.width <= large.x + large.width + margin && small.y + small.height <= large.y + large.height + margin;
}
