/**
 * Hashes of one video's frames, as the public vPDQ programs write them, in three text forms:
 *
 *     FRAME,QUALITY,HASH,SECONDS                  lines of the C++ program
 *     ["HASH,QUALITY,SECONDS", …]                 JSON of the Python program; SECONDS with three digits, e.g. 1.23e+03
 *     {"FRAME": "HASH,QUALITY,SECONDS", …}        JSON of older versions
 *
 * One file is one content. vPDQ makes its hashes without scaling first, so they are of the dialect `full`. The times
 * are shown and never relied on.
 */
import { RefusedError } from '@kerbside/bytes';
import { MAX_PDQ_PER_ROW, type PdqStated } from '../near/near-collector.ts';
import { firstLines } from './lines.ts';
import { parseQuality } from './pdq-fields.ts';
import type { RowSink } from './row-sink.ts';
import type { SetFormat } from './set-format.ts';

/** Largest file read: 600,000 frames, which is more than five hours with every frame. */
const MAX_VPDQ_BYTES = 64 * 1024 * 1024;

const LINE = /^\s*\d+\s*,\s*\d+\s*,\s*([0-9a-f]*)\s*,\s*[\d.e+-]+\s*$/i;
const JSON_START = /^\s*(?:\[\s*"[0-9a-f]{64}\s*,|\{\s*"\d+"\s*:\s*"[0-9a-f]{64}\s*,)/i;

export const vpdq: SetFormat = {
  name: 'vpdq',
  placeUnit: 'record',

  sniff(head) {
    if (JSON_START.test(head.toString('latin1', 0, 512))) return true;
    const rows = firstLines(head, 60).filter((line) => line.trim() !== '');
    const fitting = rows.filter((line) => LINE.exec(line)?.[1]?.length === 64).length;
    return fitting > 0 && fitting >= rows.length / 2;
  },

  read(source, sink) {
    if (source.sizeBytes > MAX_VPDQ_BYTES) {
      throw new RefusedError('list-vpdq-too-large', `${source.path} has ${source.sizeBytes} bytes, more than the hashes of one video: check that it is a vPDQ file`);
    }
    const text = Buffer.concat([...source.utf8Chunks()].map((chunk) => Buffer.from(chunk))).toString('utf8');
    const frames = makeFrameReader(sink, source.fileName.replace(/\.[^.]*$/, ''));
    if (/^\s*[[{]/.test(text)) readJson(text, source.path, frames);
    else {
      for (const line of text.split(/\r?\n/)) {
        if (line.trim() === '') continue;
        const [frame, quality, hash, seconds, ...more] = line.split(',');
        frames.add(frame !== undefined && more.length === 0 ? [hash, quality, seconds] : []);
      }
    }
    frames.finish();
    return {};
  },
};

type FrameFields = readonly (string | undefined)[];

/** Takes frames as hash, quality and seconds, and ends the row of their video. */
function makeFrameReader(sink: RowSink, label: string): { add: (fields: FrameFields) => void; finish: () => void } {
  let record = 0;
  let inRow = 0;
  const end = (): void => {
    sink.setLabel('media-id', label);
    sink.endRow(record);
    inRow = 0;
  };
  return {
    add([hash = '', qualityText = '', secondsText]) {
      record++;
      const digits = Buffer.from(hash, 'latin1');
      const qualityBytes = Buffer.from(qualityText, 'latin1');
      const quality = parseQuality(qualityBytes, 0, qualityBytes.length);
      const seconds = Number(secondsText ?? Number.NaN);
      const stated: PdqStated = {
        quality: Number.isNaN(quality) ? -1 : quality,
        milliseconds: seconds >= 0 && Number.isFinite(seconds) ? seconds * 1000 : -1,
        isFrame: true,
        dialect: 'full',
      };
      sink.addPdq(digits, 0, digits.length, record, stated);
      if (++inRow === MAX_PDQ_PER_ROW) end();
    },
    finish() {
      if (inRow > 0) end();
    },
  };
}

function readJson(text: string, path: string, frames: { add: (fields: FrameFields) => void }): void {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (cause) {
    throw new RefusedError('list-vpdq-broken', `${path} is no whole JSON (${(cause as Error).message}): copy it again`, {}, cause);
  }
  const values = typeof tree === 'object' && tree !== null ? Object.values(tree) : [];
  for (const value of values) frames.add(typeof value === 'string' ? value.split(',') : []);
}
