/** Files that are read together: `ordinals[n]` is called `names[n]`, a path from their folder with `/` between. */
export interface BesideFiles {
  readonly ordinals: Uint32Array;
  readonly names: readonly string[];
}
