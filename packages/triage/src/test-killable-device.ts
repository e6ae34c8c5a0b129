import { fakeSet, rowOf } from './test-fakes.ts';
import { makeDevice, type TestDevice, type TestSetup } from './test-run.ts';

/* The device and sets of the runs that tests kill. Not used by the program. */

/** 1,500 files of 30 kB: some 30 batches, a run of about a second. */
export function killableDevice(): TestDevice {
  return makeDevice(Array.from({ length: 1500 }, (_, index) => 30_000 + (index % 977)), 9);
}

export function killableSetup(device: TestDevice): TestSetup {
  const rows = device.contents.filter((_, index) => index % 100 === 0).map((content) => rowOf(content, ['sha1']));
  const unreadable = { ...device.items[3]!, content: { form: 'extents', extents: [{ kind: 'data', sourceOffset: device.bytes.length - 512, length: device.items[3]!.sizeBytes }] } } as const;
  return { items: [...device.items, unreadable], sets: [fakeSet('list', 'alert', rows, false)] };
}
