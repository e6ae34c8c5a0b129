/** The two benches of compiled sets, which are programs of their own (set-build.ts, set-lookup.ts), as rows of the table. */
import { measureScript } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';

/** Reads `ratio: 5.1 x by CPU, 4.8 x by wall (goal 4)`, the last line both programs print. */
function readRatios(output: string): { cpu: number; wall: number; goal: number } {
  const match = /ratio: ([\d.]+) x by CPU, ([\d.]+) x by wall \(goal ([\d.]+)\)/.exec(output);
  if (match === null) throw new Error(`no ratio in what the bench printed:\n${output}`);
  return { cpu: Number(match[1]), wall: Number(match[2]), goal: Number(match[3]) };
}

function runBuild(options: BenchOptions): Promise<Figure[]> {
  const rows = options.quick ? 200_000 : 15_000_000;
  const { output } = measureScript('set-build.ts', ['--rows', String(rows), '--pairs', String(pairsOf(options, 3))], { keepOutput: true });
  const { cpu, wall, goal } = readRatios(output);
  const [, ours = '', oursMegabytes = 'NaN', peer = ''] = /kerbside (.*?), (\d+) MB; hfind (.*)/.exec(output) ?? [];
  return Promise.resolve([
    {
      figure: `set build, ${rows} MD5, against \`hfind -i md5sum\``,
      ours: `${ours}, ${oursMegabytes} MB`,
      peer,
      ratio: `${cpu.toFixed(1)} × CPU, ${wall.toFixed(1)} × wall`,
      mustReach: `≥ ${goal} × rate, ≤ 400 MB`,
      reached: cpu >= goal && Number(oursMegabytes) <= 400,
    },
  ]);
}

function runLookup(options: BenchOptions): Promise<Figure[]> {
  const [rows, lookups] = options.quick ? [200_000, 100_000] : [15_000_000, 10_000_000];
  const { output } = measureScript('set-lookup.ts', ['--rows', String(rows), '--lookups', String(lookups), '--pairs', String(pairsOf(options, 3))], { keepOutput: true });
  const { cpu, wall, goal } = readRatios(output);
  const [, openMs = 'NaN', bytesPerDigest = 'NaN'] = /open (\d+) ms, memory ([\d.]+) bytes a digest/.exec(output) ?? [];
  const steps = [...output.matchAll(/kerbside ([\d.]+) us, hfind ([\d.]+) us/g)];
  return Promise.resolve([
    {
      figure: `look-ups, ${lookups} in ${rows} MD5, against \`hfind -f\``,
      ours: `${steps.map(([, one]) => one).join(', ')} µs CPU each; open ${openMs} ms, ${bytesPerDigest} bytes a digest`,
      peer: `${steps.map(([, , other]) => other).join(', ')} µs CPU each`,
      ratio: `${cpu.toFixed(0)} × CPU, ${wall.toFixed(0)} × wall`,
      mustReach: `≥ ${goal} ×, ≤ 12 bytes a digest`,
      reached: cpu >= goal && Number(bytesPerDigest) <= 12,
    },
  ]);
}

export const setBuildBench: Bench = { name: 'set-build', about: 'compiling a list of MD5, against hfind -i', run: runBuild };
export const setLookupBench: Bench = { name: 'set-lookup', about: 'looking up MD5, against hfind -f', run: runLookup };
