import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/** Reasons that name a tool which is not there. */
const LACKS_TOOL = /\binstalled\b|\bmissing\b/;

/**
 * Prints one line a test file, each failure and each skip in full, and closes with
 * `N passed, N failed, N skipped`. Short enough to read in CI, and nothing is hidden: a skipped test
 * names its reason. `./kerbside test` installs every tool that a test needs (KERBSIDE_REQUIRE_TOOLS=1), so there a
 * test skipped for want of one is a failure; what a kernel or a user may not do stays a skip.
 */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = new Map<string, { passed: number; failed: number; skipped: number; durationMs: number }>();
  const failures: string[] = [];
  for await (const event of source) {
    if (event.type === 'test:stderr' && process.env['KERBSIDE_TEST_STDERR'] !== undefined) yield event.data.message;
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { data } = event;
    const name = data.file === undefined ? '(no file)' : relative(process.cwd(), data.file);
    if (data.nesting === 0 && data.name === data.file) continue;
    const isSuite = data.details.type === 'suite';
    const file = files.get(name) ?? { passed: 0, failed: 0, skipped: 0, durationMs: 0 };
    files.set(name, file);
    if (data.nesting === 0) file.durationMs += data.details.duration_ms;
    if (isSuite && event.type === 'test:pass') continue;
    if (data.skip !== undefined && data.skip !== false) {
      const reason = typeof data.skip === 'string' ? data.skip : 'no reason given';
      if (process.env['KERBSIDE_REQUIRE_TOOLS'] === '1' && LACKS_TOOL.test(reason)) {
        file.failed += 1;
        counts.failed += 1;
        process.exitCode = 1;
        const text = `FAILED   ${name}: ${data.name}\n    was skipped: ${reason}\n`;
        failures.push(text);
        yield text;
        continue;
      }
      file.skipped += 1;
      counts.skipped += 1;
      yield `skipped  ${name}: ${data.name} (${reason})\n`;
    } else if (event.type === 'test:pass') {
      file.passed += 1;
      counts.passed += 1;
    } else {
      const error = event.data.details.error;
      const cause = error.cause instanceof Error ? error.cause : error;
      if (isSuite && event.data.details.error.message.includes('subtest')) continue;
      file.failed += 1;
      counts.failed += 1;
      const text = `FAILED   ${name}: ${data.name}\n${indent(cause.stack ?? String(cause))}\n`;
      failures.push(text);
      yield text;
    }
  }
  yield '\n';
  for (const [name, file] of [...files].sort((a, b) => b[1].durationMs - a[1].durationMs)) {
    const seconds = (file.durationMs / 1000).toFixed(1).padStart(6);
    yield `${seconds} s  ${String(file.passed).padStart(4)} passed${file.failed > 0 ? `, ${file.failed} FAILED` : ''}${file.skipped > 0 ? `, ${file.skipped} skipped` : ''}  ${name}\n`;
  }
  if (failures.length > 0) yield `\n${failures.length} failed:\n\n${failures.join('\n')}`;
  yield `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
