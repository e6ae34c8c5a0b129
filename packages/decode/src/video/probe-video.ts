import { LimitError, MalformedError } from '@kerbside/bytes';
import { MAX_PROBE_BYTES, PROBE_CPU_SECONDS } from './limits.ts';
import { parseProbe, type ProbeAnswer } from './parse-probe.ts';
import type { RangedContent } from './ranged-content.ts';
import { runTool } from './run-tool.ts';
import { ToolLogReader } from './tool-log.ts';
import { inputWords } from './tool-words.ts';

const ENTRIES = [
  'format=format_name,duration:format_tags',
  'stream=index,codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,duration:stream_tags',
  'stream_disposition=attached_pic:stream_side_data=rotation',
].join(':');

/** Bytes of the head that tell kinds of one family apart. */
const HEAD_BYTES = 64;

/**
 * Asks ffprobe what the content is.
 *
 * @throws MalformedError `video-not-understood`; UnsupportedError `video-without-pictures`, `video-tool-missing`;
 *   LimitError `video-limit-probe`
 */
export async function probeVideo(content: RangedContent, url: string): Promise<ProbeAnswer> {
  if (content.sizeBytes === 0) throw new MalformedError('video-not-understood', 'the video is empty');
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const log = new ToolLogReader(0);
  const end = await runTool(
    'ffprobe',
    ['-hide_banner', '-loglevel', 'repeat+level+error', ...inputWords(), '-of', 'json=compact=1', '-show_entries', ENTRIES, '-i', url],
    { cpuSeconds: PROBE_CPU_SECONDS, progress: () => content.readBytes },
    (chunk) => {
      bytes += chunk.byteLength;
      if (bytes <= MAX_PROBE_BYTES) pieces.push(chunk);
    },
    (chunk) => log.push(chunk),
  );
  log.end();
  if (content.failure !== null) throw content.failure;
  if (end.outOfTime) throw new LimitError('video-limit-probe', `the video's header was not understood within ${PROBE_CPU_SECONDS} s of CPU time`);
  if (end.code !== 0) {
    throw new MalformedError('video-not-understood', `the video was not understood${log.firstError === null ? '' : `: ${log.firstError}`}`);
  }
  const head = await content.readFrom(0);
  return parseProbe(Buffer.concat(pieces).toString('utf8'), head.subarray(0, HEAD_BYTES));
}
