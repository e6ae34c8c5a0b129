import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RefusedError } from '@kerbside/bytes';
import { parseArguments, spreadLists, textOption, textOptions } from './arguments.ts';

const OPTIONS = { set: { type: 'string', multiple: true }, out: { type: 'string' }, json: { type: 'boolean' } } as const;

test('a list option takes every word up to the next option', () => {
  const parsed = parseArguments(spreadLists(['disk.img', '--set', 'a', 'b', '--json', '--out', 'o', '--set', 'c'], ['--set']), OPTIONS, 'u', [1, 1]);
  assert.deepEqual(textOptions(parsed, 'set'), ['a', 'b', 'c']);
  assert.equal(textOption(parsed, 'out'), 'o');
  assert.deepEqual(parsed.positionals, ['disk.img']);
});

test('words after -- are positionals, whatever they look like', () => {
  const parsed = parseArguments(spreadLists(['--set', 'a', '--', '--set', '-x'], ['--set']), OPTIONS, 'u', [0, 9]);
  assert.deepEqual(textOptions(parsed, 'set'), ['a']);
  assert.deepEqual(parsed.positionals, ['--set', '-x']);
});

test('spreading loses, adds and reorders no word but the repeated option', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', '--set', '--out', '-j')), (argv) => {
      const spread = spreadLists(argv, ['--set']);
      let kept = 0;
      for (const word of spread) if (word === argv[kept]) kept += 1;
      assert.equal(kept, argv.length);
      assert.ok(spread.length - argv.length <= argv.length);
    }),
  );
});

test('wrong use is refused with the usage line', () => {
  for (const [argv, what] of [[[], /missing/], [['a', 'b'], /Did not expect "b"/], [['a', '--nope'], /--nope/], [['a', '--out'], /out/]] as const) {
    assert.throws(() => parseArguments(argv, OPTIONS, 'kerbside triage …', [1, 1]), (error: unknown) => error instanceof RefusedError && error.code === 'wrong-use' && what.test(error.message) && error.message.includes('Usage: kerbside triage …'));
  }
});
