import type { StageName } from './events.ts';

/**
 * How far a run goes. `screen`: names and places, then the survey until its target, no file is read whole
 * but those that hold known blocks. `known`: every file that a set may hold, the survey behind it, then what is inside
 * archives and mail, and pictures and video where a set has near-match hashes, by name. `everything`: carving of free space
 * too, and every item looked into by its content.
 */
export const PROFILES = ['screen', 'known', 'everything'] as const;
export type Profile = (typeof PROFILES)[number];

/** Stages of a run over an image, in order; a folder has no free space to search and no blocks to survey. */
const IMAGE_STAGES: Readonly<Record<Profile, readonly StageName[]>> = {
  screen: ['catalogue', 'survey', 'content'],
  known: ['catalogue', 'content', 'orphans', 'orphan-content', 'survey', 'content-lane'],
  everything: ['catalogue', 'content', 'orphans', 'orphan-content', 'survey', 'carving', 'carved-content', 'content-lane'],
};
const FOLDER_STAGES: readonly StageName[] = ['catalogue', 'content', 'content-lane'];

/** The stages that a run plans; one that is not carried to its end leaves the run unfinished. */
export function stagesOf(profile: Profile, form: 'image' | 'folder'): readonly StageName[] {
  return form === 'folder' ? FOLDER_STAGES : IMAGE_STAGES[profile];
}
