import { expect } from './case.ts';
import type { Site } from './site.ts';

/** Starts twice, as a service manager does: both are refused, the log says each of `words`, and an alarm tells once. */
export async function refusesToStart(site: Site, what: string, words: readonly string[]): Promise<void> {
  for (const attempt of [1, 2]) {
    const daemon = site.start();
    const { code } = await daemon.gone();
    expect(code === 1, `${what}: start ${attempt} is refused with exit code 1, not ${code}`);
    const error = daemon.log.find(({ message }) => message === 'The service cannot start')?.['error'];
    for (const word of words) {
      expect(String(error).includes(word), `${what}: the log says ${word}: ${JSON.stringify(error)}`);
    }
    expect(
      attempt === 2 || daemon.log.some(({ alert, event }) => alert === 'start' && event === 'raised'),
      `${what}: an alarm tells of it`,
    );
  }
}
