import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { KerbsideError } from '@kerbside/bytes';
import { parseIso6709 } from './iso6709.ts';
import { parseProbe } from './parse-probe.ts';
import { sanitise, ToolLogReader } from './tool-log.ts';

test('places as phones write them', () => {
  assert.deepEqual(parseIso6709('+51.5074-000.1278/'), { latitude: 51.5074, longitude: -0.1278 });
  assert.deepEqual(parseIso6709('-33.8568+151.2153+011.000/'), { latitude: -33.8568, longitude: 151.2153 });
  assert.deepEqual(parseIso6709('+48.8577+002.295/'), { latitude: 48.8577, longitude: 2.295 });
  assert.deepEqual(parseIso6709('+5130-00030/'), { latitude: 51.5, longitude: -0.5 });
  assert.deepEqual(parseIso6709('+513036-0003000/'), { latitude: 51.51, longitude: -0.5 });
  assert.deepEqual(parseIso6709('+00.0000+000.0000/'), { latitude: 0, longitude: 0 });
  for (const text of ['', '+91.0+000.0/', '+10.0+181.0/', '51.5,-0.1', '+5160+00000/', '+51.5074']) assert.equal(parseIso6709(text), null, text);
});

const probe = (format: object, stream: object): string => JSON.stringify({ format, streams: [{ index: 0, codec_type: 'audio' }, { index: 1, codec_type: 'video', codec_name: 'h264', width: 64, height: 48, ...stream }] });

test('facts from ffprobe: turn, times, kinds, cover pictures passed over', () => {
  const { streamIndex, facts } = parseProbe(
    probe({ format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '12.3456', tags: { major_brand: 'qt  ', 'com.apple.quicktime.creationdate': '2024-05-01T12:00:00+0100', creation_time: '2024-05-01T11:00:01.000000Z', 'com.apple.quicktime.make': 'Acme\u0007 ' } }, { side_data_list: [{}, { rotation: -90 }], avg_frame_rate: '30000/1001' }),
    new Uint8Array(64),
  );
  assert.equal(streamIndex, 1);
  assert.deepEqual(
    [facts.container, facts.turnDegrees, facts.createdAt, facts.make, facts.lengthSeconds, facts.framesPerSecond, facts.hasAudio],
    ['mov', 90, '2024-05-01T12:00:00+01:00', 'Acme', 12.346, 29.97, true],
  );
  assert.equal(parseProbe(probe({ format_name: 'avi', tags: { creation_time: '1904-01-01T00:00:00.000000Z' } }, { tags: { rotate: '270' } }), new Uint8Array(0)).facts.createdAt, null);
  assert.equal(parseProbe(probe({ format_name: 'matroska,webm' }, {}), Buffer.from('\u001AE....webm')).facts.container, 'webm');
  assert.throws(() => parseProbe(probe({ format_name: 'avi' }, { disposition: { attached_pic: 1 } }), new Uint8Array(0)), (error) => error instanceof KerbsideError && error.code === 'video-without-pictures');
  assert.throws(() => parseProbe(probe({ format_name: 'hls' }, {}), new Uint8Array(0)), (error) => error instanceof KerbsideError && error.code === 'video-not-understood');
  assert.throws(() => parseProbe('{"format":', new Uint8Array(0)), (error) => error instanceof KerbsideError && error.code === 'video-not-understood');
});

test('law: whatever JSON the tool writes, facts or an error of ours', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (tags, stream, duration) => {
      const one = typeof stream === 'object' && stream !== null && !Array.isArray(stream) ? stream : {};
      const { facts } = parseProbe(probe({ format_name: 'avi', tags, duration }, one), new Uint8Array(0));
      assert.ok(facts.lengthSeconds === null || facts.lengthSeconds > 0);
    }),
  );
});

const line = (index: number, micros: number | string): string => `[Parsed_showinfo_3 @ 0x55] [info] n:${String(index).padStart(4)} pts:${String(micros).padStart(7)} pts_time:0 pos: 1\n`;

test('the log: times, errors without addresses, CPU time, the limit; in pieces of any size', () => {
  const text = `${line(0, 0)}[h264 @ 0x55aa] [error] bad \u0007 thing\n${line(1, 40_000)}[http @ 0x1] [error] x http://127.0.0.1:4711/v\n[info] Exiting normally, received signal 24.\n[info] bench: utime=1.500s stime=0.250s rtime=2s\n${line(2, 'NOPTS')}`;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
      const log = new ToolLogReader(10);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) log.push(bytes.subarray(at, at + size));
      log.end();
      assert.deepEqual([log.frameMicros, log.errors, log.firstError, log.cpuSeconds, log.outOfCpu], [[0, 40_000, 40_000], 2, '[h264] bad thing', 1.75, true]);
    }),
  );
  assert.equal(sanitise('[http @ 0x1] [error] x http://127.0.0.1:4711/v'), '[http] x the content');
});

test('the log: a line without an end and a time made up before its frame do no harm', () => {
  const log = new ToolLogReader(2);
  log.push(Buffer.from(line(0, 99)));
  for (let piece = 0; piece < 100; piece += 1) log.push(Buffer.alloc(10_000, 'x'));
  log.push(Buffer.from(`\n${line(0, 5)}${line(7, 1)}${line(1, 6)}${line(2, 7)}`));
  assert.deepEqual(log.frameMicros, [5, 6]);
});
