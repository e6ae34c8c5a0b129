/* Stills, faces and models in the real sandbox: what is tested elsewhere without it works behind its walls too. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { drawFaces, makeDrawingModel, makeLineDrawing, makePicture } from '@kerbside/corpus';
import sharp from 'sharp';
import { FACE_CASCADE_PATH, openFaceCounter } from '../faces/open-face-counter.ts';
import { parseModelFacts } from '../model/model-facts.ts';
import type { LocalModel } from '../model/open-model.ts';
import { scorePicture, tryModel } from '../model/score-picture.ts';
import type { Decoders } from '../pool/decoders.ts';
import { startDecoders } from '../pool/start-decoders.ts';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { STILL_MODES } from './apply-mode.ts';
import { makeStill } from './make-still.ts';

const skip = existsSync('/usr/bin/bwrap') ? false : 'bubblewrap is not installed';

describe('in the sandbox', { skip }, () => {
  const picture = makePicture({ kind: 'jpeg', seed: 8, widthPx: 800, heightPx: 600 });
  const made = makeDrawingModel();
  const model: LocalModel = { facts: parseModelFacts(made.json), onnx: made.onnx };
  let decoders: Decoders;
  before(async () => {
    decoders = await startDecoders({ workers: 1, profile: 'picture' });
  });
  after(() => decoders.close());

  it('stills are the same as without it, and bad content is told', async () => {
    for (const mode of STILL_MODES) assert.deepEqual(Buffer.from((await makeStill(decoders, picture, { mode })).bytes), Buffer.from((await makeStill(directDecoders(), picture, { mode })).bytes), mode);
    await assert.rejects(makeStill(decoders, Buffer.from('Football results'), { mode: 'grey' }), { code: 'picture-unknown' });
  });

  it('a model scores on one thread, a second picture without loading it again', async () => {
    await tryModel(decoders, model, picture);
    assert.deepEqual(await scorePicture(decoders, model, picture), await scorePicture(directDecoders(), model, picture));
    assert.ok((await scorePicture(decoders, model, makeLineDrawing(3, 200, 150)))[0]!.score > 0.5);
  });

  it('a model that is too slow is refused, and the next one works', async () => {
    // One millisecond of CPU for everything is too little for any model in a worker that has not loaded it.
    const other: LocalModel = { facts: { ...model.facts, sha256: '0'.repeat(64) }, onnx: Buffer.alloc(48 * 1024 * 1024) };
    await assert.rejects(tryModel(decoders, other, picture, 1), { code: 'model-refused', message: /took longer/ });
    await tryModel(decoders, model, picture);
  });

  it('faces are counted', { skip: existsSync(FACE_CASCADE_PATH) ? false : 'opencv-data is not installed' }, async () => {
    const faces = await sharp(drawFaces(640, 480, [{ x: 170, y: 240, halfHeight: 100 }, { x: 470, y: 240, halfHeight: 100 }]), { raw: { width: 640, height: 480, channels: 1 } }).png().toBuffer();
    assert.equal(await openFaceCounter()!.count(decoders, faces), 2);
  });
});
