import { configSchema } from '../../../src/config/schema.ts';
import type { Destination } from '../../../src/config/schema.ts';
import type { Mllp } from '../../../src/config/transport.ts';

type Overrides = Partial<Omit<Destination, 'timeouts' | 'retry' | 'verdicts'>> & {
  readonly timeouts?: Partial<Destination['timeouts']>;
  readonly retry?: Partial<Destination['retry']>;
  readonly verdicts?: Partial<Destination['verdicts']>;
};

/** A destination as config gives it, with waits short enough for tests. */
export function destinationAt(
  port: number,
  overrides: Overrides = {},
): Destination & { readonly mllp: Mllp } {
  const { timeouts, retry, ...rest } = overrides;
  const config = configSchema.parse({
    dataDir: '/nowhere',
    lis: [
      {
        name: 'main',
        mllp: { host: '127.0.0.1', port },
        timeouts: { connectSeconds: 2, ackSeconds: 5, ...timeouts },
        retry: { firstSeconds: 0.02, maxSeconds: 0.1, ...retry },
        ...rest,
      },
    ],
  });
  const [destination] = config.lis;
  if (destination?.mllp === undefined) throw new Error('the config has no destination');
  return { ...destination, mllp: destination.mllp };
}
