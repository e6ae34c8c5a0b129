import type { NearHit } from './content/near-hit.ts';
import type { MediaCounts } from './content/content-job.ts';
import { formatCount } from './html/figures.ts';
import type { ReportContent } from './report-types.ts';

/** What was looked into, in one line a kind; empty where nothing was met. */
export function lookedIntoWords({ containers, members, pictures, videos }: ReportContent): string[] {
  const lines: string[] = [];
  if (containers.seen > 0) {
    const parts = [`${formatCount(members.read)} looked up`, `${formatCount(members.gated)} of a length in no set`, ...(members.skipped > 0 ? [`${formatCount(members.skipped)} empty or links`] : []), ...(members.problems > 0 ? [`${formatCount(members.problems)} not read`] : [])];
    const closed = containers.problems > 0 ? `, ${formatCount(containers.problems)} not opened` : '';
    lines.push(`${formatCount(containers.seen)} archives, mailboxes and the like${closed}; ${formatCount(members.seen)} files in them = ${parts.join(' + ')}`);
  }
  if (pictures.seen > 0) lines.push(`${formatCount(pictures.seen)} pictures = ${mediaWords(pictures)}`);
  if (videos.seen > 0) lines.push(`${formatCount(videos.seen)} videos = ${mediaWords(videos)}`);
  return lines;
}

function mediaWords({ compared, notComparable, notAsked, problems }: MediaCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    [compared, 'decoded'],
    [notComparable, 'of too little detail to compare'],
    [notAsked, 'not decoded: the profile and the sets did not ask for it'],
    [problems, 'could not be decoded'],
  ];
  return parts.filter(([count]) => count > 0).map(([count, words]) => `${formatCount(count)} ${words}`).join(' + ');
}

/** `9 of 256 bits differ (512nn), turned by 90°` */
export function nearWords({ distance, dialect, orientation, of, seconds, video }: Pick<NearHit, 'distance' | 'dialect' | 'orientation' | 'of' | 'seconds' | 'video'>): string {
  const turn = ORIENTATION_WORDS[orientation];
  const what = of === 'video-frame' ? `frame at ${formatSeconds(seconds ?? 0)}` : of === 'picture' ? '' : `its ${of}`;
  const frames = video === null ? '' : `${formatCount(video.framesMatched)} of ${formatCount(video.framesCompared)} frames${video.isLead ? '' : ', too few for a lead'}`;
  return [`${distance} of 256 bits differ (${dialect})`, ...[what, turn ?? '', frames].filter((words) => words !== '')].join(', ');
}

/** How the picture has to be turned to look like the known one; by the names of the hash's authors. */
const ORIENTATION_WORDS: Readonly<Record<string, string>> = {
  rotate90: 'turned by a quarter',
  rotate180: 'turned by a half',
  rotate270: 'turned by three quarters',
  flipX: 'mirrored top to bottom',
  flipY: 'mirrored left to right',
  flipPlus1: 'mirrored on a diagonal',
  flipMinus1: 'mirrored on the other diagonal',
};

function formatSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
