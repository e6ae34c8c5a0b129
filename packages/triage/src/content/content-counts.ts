import type { ContentCounts, MediaCounts, MemberCounts } from './content-job.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends number ? number : Mutable<T[K]> };

/** Counts that a looking item adds to. */
export type CountsInHand = Mutable<ContentCounts>;

export function noCounts(): CountsInHand {
  return {
    members: { seen: 0, read: 0, gated: 0, skipped: 0, problems: 0, directories: 0 },
    pictures: { seen: 0, compared: 0, notComparable: 0, notAsked: 0, problems: 0 },
    videos: { seen: 0, compared: 0, notComparable: 0, notAsked: 0, problems: 0 },
    containers: { seen: 0, opened: 0, problems: 0 },
  };
}

export function addCounts(sum: CountsInHand, more: ContentCounts): void {
  addTo(sum.members, more.members);
  addTo(sum.pictures, more.pictures);
  addTo(sum.videos, more.videos);
  addTo(sum.containers, more.containers);
}

function addTo<T extends Record<keyof T, number>>(sum: T, more: { readonly [K in keyof T]: number }): void {
  for (const name of Object.keys(sum) as (keyof T)[]) (sum[name] as number) += more[name];
}

/** True when nothing was lost; anything else is a fault of ours and never the third verdict. */
export function contentAddsUp({ members, pictures, videos, containers }: ContentCounts): boolean {
  return membersAddUp(members) && mediaAddUp(pictures) && mediaAddUp(videos) && containers.seen === containers.opened + containers.problems;
}

function membersAddUp({ seen, read, gated, skipped, problems }: MemberCounts): boolean {
  return seen === read + gated + skipped + problems;
}

function mediaAddUp({ seen, compared, notComparable, notAsked, problems }: MediaCounts): boolean {
  return seen === compared + notComparable + notAsked + problems;
}
