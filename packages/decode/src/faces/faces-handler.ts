import { MalformedError } from '@kerbside/bytes';
import { readSmallRaster } from '../still/read-small-raster.ts';
import { toGrey } from '../still/to-grey.ts';
import type { Handler } from '../worker/handler.ts';
import { readRange } from '../worker/read-range.ts';
import { parseCascade, type Cascade } from './cascade.ts';
import { countFaces } from './count-faces.ts';

/**
 * Longer side at which faces are counted: a face of a tenth of it is still as large as the cascade's window, and the count
 * of a large picture costs no more than that of a small one.
 */
const COUNT_SIDE_PX = 320;

/** The cascade that this worker has read, by the digest that the parent names it with. */
let loaded: { readonly sha256: string; readonly cascade: Cascade } | null = null;

/** Request `faces`: `{ pictureBytes, cascadeBytes, sha256 }`; the content is the picture, then the cascade's XML, which is read once a worker. Answers with the count. In the sandbox. */
export const faces: Handler = async (request, input) => {
  const { pictureBytes, cascadeBytes, sha256 } = request;
  if (typeof pictureBytes !== 'number' || typeof cascadeBytes !== 'number' || typeof sha256 !== 'string') throw new MalformedError('request-content-short', 'a request to count faces without its lengths');
  if (loaded?.sha256 !== sha256) loaded = { sha256, cascade: parseCascade(Buffer.from(await readRange(input, pictureBytes, cascadeBytes)).toString('latin1')) };
  const raster = await readSmallRaster(await readRange(input, 0, pictureBytes), { widthPx: COUNT_SIDE_PX, heightPx: COUNT_SIDE_PX, fit: 'inside' });
  return { json: { faces: countFaces(toGrey(raster), loaded.cascade) } };
};
