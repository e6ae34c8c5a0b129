import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeDrawingModel, makeLineDrawing, makePicture, writeOnnx, type OnnxGraph } from '@kerbside/corpus';
import { LimitError, type JsonObject } from '@kerbside/bytes';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { parseModelFacts } from './model-facts.ts';
import { openModel, type LocalModel } from './open-model.ts';
import { scorePicture, tryModel } from './score-picture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-model-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const made = makeDrawingModel();
const drawings: LocalModel = { facts: parseModelFacts(made.json), onnx: made.onnx };
const decoders = directDecoders();
const picture = makePicture({ kind: 'png', seed: 1, widthPx: 90, heightPx: 60 });

/** The drawing model's facts with another graph. */
function withGraph(graph: Partial<OnnxGraph>): LocalModel {
  const plain: OnnxGraph = {
    nodes: [{ operator: 'GlobalAveragePool', inputs: ['pixels'], outputs: ['means'] }, { operator: 'Flatten', inputs: ['means'], outputs: ['scores'] }],
    tensors: [],
    input: { name: 'pixels', dimensions: [1, 3, 64, 64] },
    output: { name: 'scores', dimensions: [1, 3] },
  };
  return withOnnx(writeOnnx({ ...plain, ...graph }));
}

function withOnnx(onnx: Buffer): LocalModel {
  return { facts: { ...drawings.facts, sha256: hash('sha256', onnx, 'hex') }, onnx };
}

describe('a model of our own making', () => {
  it('is the same each time, and tells drawings from photographs that it has not seen, in any format and size', async () => {
    assert.ok(makeDrawingModel().onnx.equals(made.onnx));
    let right = 0;
    for (let seed = 0; seed < 40; seed++) {
      const drawing = await scorePicture(decoders, drawings, makeLineDrawing(5000 + seed, 200 + seed, 150));
      const photograph = await scorePicture(decoders, drawings, makePicture({ kind: seed % 2 === 0 ? 'jpeg' : 'png', seed: 5000 + seed, widthPx: 160, heightPx: 200 + seed }));
      assert.deepEqual(drawing.map((one) => one.label), ['drawing', 'photograph']);
      assert.ok(Math.abs(drawing[0]!.score + drawing[1]!.score - 1) < 1e-5);
      right += Number(drawing[0]!.score > 0.5) + Number(photograph[1]!.score > 0.5);
    }
    assert.ok(right >= 78, `${right} of 80`);
  });
});

describe('a model that is not what it says', () => {
  const refused = (model: LocalModel, message: RegExp) => assert.rejects(tryModel(decoders, model, picture), { code: 'model-refused', message });

  it('is refused when it cannot be loaded', async () => {
    await refused(withOnnx(Buffer.from('not a model')), /could not be loaded/);
    await refused(withOnnx(made.onnx.subarray(0, 300)), /could not be loaded/);
    await refused(withGraph({ nodes: [{ operator: 'NoSuchOperator', inputs: ['pixels'], outputs: ['scores'] }] }), /could not be loaded/);
  });

  it('is refused when its input, output or scores are of another shape', async () => {
    await refused(withGraph({}), /not 2 numbers/);
    await refused(withGraph({ input: { name: 'pixels', dimensions: [1, 3, 32, 32] } }), /could not be run/);
    await refused({ ...drawings, facts: { ...drawings.facts, input: { ...drawings.facts.input, name: 'other' } } }, /could not be run/);
    await refused({ ...drawings, facts: { ...drawings.facts, output: { ...drawings.facts.output, name: 'other' } } }, /could not be run/);
    const large = withGraph({ output: { name: 'scores', dimensions: [1, 3] } });
    await refused({ ...large, facts: { ...large.facts, input: { ...large.facts.input, std: [1, 1, 1] }, output: { name: 'scores', labels: ['a', 'b', 'c'] }, ranksBy: null } }, /not between 0 and 1/);
  });

  it('is refused when it is too slow, and a lying worker is not believed', async () => {
    await assert.rejects(tryModel({ run: () => Promise.reject(new LimitError('decoder-overran', 'too long')) }, drawings, picture), { code: 'model-refused', message: /longer than 20 s/ });
    const lies: readonly JsonObject[] = [{}, { scores: [1] }, { scores: [0.5, 2] }, { scores: [0.5, '0.5'] }, { scores: [0.5, null] }];
    for (const json of lies) await assert.rejects(scorePicture({ run: () => Promise.resolve({ json, bytes: new Uint8Array(0) }) }, drawings, picture), { code: 'decoder-lied' });
  });

  it('says of a picture that cannot be decoded that it is the picture', async () => {
    await assert.rejects(scorePicture(decoders, drawings, Buffer.from('Football results')), { code: 'picture-unknown' });
  });
});

describe('openModel', () => {
  it('reads what a force brings, and refuses a file that is missing, changed or said wrongly', () => {
    assert.throws(() => openModel(folder), { code: 'model-folder-unreadable' });
    writeFileSync(join(folder, 'model.json'), made.json);
    assert.throws(() => openModel(folder), { code: 'model-folder-unreadable' });
    writeFileSync(join(folder, 'model.onnx'), made.onnx);
    assert.deepEqual(openModel(folder).facts, drawings.facts);
    writeFileSync(join(folder, 'model.onnx'), Buffer.concat([made.onnx, Buffer.alloc(1)]));
    assert.throws(() => openModel(folder), { code: 'model-digest-differs' });
    writeFileSync(join(folder, 'model.json'), 'x'.repeat(70_000));
    assert.throws(() => openModel(folder), { code: 'model-too-large' });
  });

  it('says which field of model.json is wrong', () => {
    const facts = JSON.parse(made.json) as Record<string, Record<string, unknown>>;
    const faults: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{ format: 'x' }, /"format"/],
      [{ id: 'Über' }, /"id"/],
      [{ sha256: 'AB' }, /"sha256"/],
      [{ version: 'a\nb' }, /"version"/],
      [{ ranksBy: 'cartoon' }, /"ranksBy"/],
      [{ input: { ...facts['input'], widthPx: 0 } }, /"input.widthPx"/],
      [{ input: { ...facts['input'], std: [1, 0, 1] } }, /"input.std"/],
      [{ output: { name: 'scores', labels: [] } }, /"output.labels"/],
      [{ output: { name: 'scores', labels: ['a', 'a'] }, ranksBy: null }, /twice/],
      [{ output: [] }, /"output"/],
    ];
    for (const [change, message] of faults) assert.throws(() => parseModelFacts(JSON.stringify({ ...facts, ...change })), { code: 'model-json-unusable', message });
    assert.throws(() => parseModelFacts('{'), { code: 'model-json-unusable' });
    assert.equal(parseModelFacts(JSON.stringify({ ...facts, ranksBy: null })).ranksBy, null);
  });
});
