import type * as RetroHunt from './retro-hunt.ts';

/** Making, asking and destroying of manifests: see `retro-hunt.ts`. It loads when it is first asked for. */
export async function loadRetroHunt(): Promise<typeof RetroHunt> {
  return import('./retro-hunt.ts');
}
