import type { Problem } from '@kerbside/bytes';
import type { VideoDamage } from './check-reply.ts';

/** What an answer says of the work's bounds. */
export interface VideoBounds {
  readonly outOfCpu: boolean;
  readonly framesFull: boolean;
  readonly frames: number;
  readonly maxCpuSeconds: number;
}

/** What of a clip was not seen, and why: problems for the report. The frames that there are stay good. */
export function videoProblems(damage: VideoDamage, bounds: VideoBounds): readonly Problem[] {
  const problems: Problem[] = [];
  const where = {};
  if (bounds.frames === 0) {
    const why = damage.firstError === null ? '' : `: ${damage.firstError}`;
    problems.push({ kind: 'malformed', code: 'video-without-frames', message: `no frame of the video could be decoded${why}`, where });
  } else if (damage.cutOff || damage.errors > 0 || (!damage.reachedEnd && !bounds.outOfCpu)) {
    const parts = [damage.cutOff ? 'it is cut off' : '', damage.errors > 0 ? `${damage.errors} errors while decoding` : '', damage.reachedEnd ? '' : 'not decoded to the end'];
    const why = damage.firstError === null ? '' : `; the first: ${damage.firstError}`;
    problems.push({ kind: 'malformed', code: 'video-damaged', message: `the video is damaged (${parts.filter((part) => part !== '').join(', ')}${why}); the frames that decode were examined`, where });
  }
  if (damage.unreadableBytes > 0) {
    problems.push({ kind: 'medium', code: 'video-bytes-unreadable', message: `${damage.unreadableBytes} bytes of the video could not be read from the medium; what depends on them was not seen`, where });
  }
  if (bounds.outOfCpu) {
    problems.push({ kind: 'limit', code: 'video-limit-cpu', message: `the limit of ${bounds.maxCpuSeconds} s of CPU time for one video was reached; ${bounds.frames} frames were examined`, where });
  }
  if (bounds.framesFull) {
    problems.push({ kind: 'limit', code: 'video-limit-frames', message: `the limit of frames of one video was reached (${bounds.frames}); what follows was not examined`, where });
  }
  return problems;
}
