import { KerbsideError, LimitError, problemFrom, readView, type RandomAccessSource } from '@kerbside/bytes';
import type { Content } from './content-tools.ts';
import { Stopped, type Examination } from './examination.ts';

/** A picture is sent to its decoder whole. Camera RAW files reach 120 MB; what is longer is told. */
const MAX_PICTURE_BYTES = 256 * 1024 * 1024;

/** Containers of video hold music and speech too: that is no video, and nothing of it is left unread. */
const SOUND_ONLY = 'video-without-pictures';

/** Decodes a picture and keeps its facts, what it is near, and why it could not be decoded. */
export async function examinePicture(examination: Examination, content: Content, member: string): Promise<void> {
  const { pictures } = examination.counts;
  pictures.seen += 1;
  if (!examination.decodesMedia) {
    pictures.notAsked += 1;
    return;
  }
  try {
    const { sizeBytes } = content.source;
    if (sizeBytes > MAX_PICTURE_BYTES) throw new LimitError('picture-too-large', `a picture of ${sizeBytes} bytes is over the limit of ${MAX_PICTURE_BYTES}`);
    const decoded = await examination.tools.decodePicture(content.bytes ?? wholeOf(content.source));
    examination.media.push({ ...decoded.facts, member, sizeBytes });
    for (const near of decoded.near) examination.near.push({ ...near, member });
    for (const problem of decoded.problems) examination.addProblem(problem, member);
    if (decoded.isComparable) pictures.compared += 1;
    else pictures.notComparable += 1;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    pictures.problems += 1;
    examination.addProblem(problemFrom(error), member);
  }
}

/** The same of a video. */
export async function examineVideo(examination: Examination, content: Content, member: string): Promise<void> {
  const { videos } = examination.counts;
  videos.seen += 1;
  if (!examination.decodesVideo) {
    videos.notAsked += 1;
    return;
  }
  try {
    const decoded = await examination.tools.decodeVideo(content);
    examination.media.push({ ...decoded.facts, member, sizeBytes: content.source.sizeBytes });
    for (const near of decoded.near) examination.near.push({ ...near, member });
    if (decoded.isComparable) videos.compared += 1;
    else videos.notComparable += 1;
    for (const problem of decoded.problems) examination.addProblem(problem, member);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    if (error instanceof KerbsideError && error.code === SOUND_ONLY) {
      videos.seen -= 1;
      return;
    }
    videos.problems += 1;
    examination.addProblem(problemFrom(error), member);
  }
}

/** @throws MediumError where a byte of it could not be read: half a picture is not what was asked for */
function wholeOf(source: RandomAccessSource): Uint8Array {
  return readView(source, 0, source.sizeBytes).bytes;
}
