import { z } from 'zod';
import { path } from './values.ts';

/** Where the service answers questions about itself: /healthz, /readyz and /metrics. Nowhere, unless a key says so. */
export const listen = z.strictObject({
  host: z
    .enum(['127.0.0.1', '::1'])
    .default('127.0.0.1')
    .describe('Address for the port: only the loopback, as nothing there asks who is calling.'),
  port: z.int().min(0).max(65_535).optional().describe('TCP port for health and metrics; 0 is any free one.'),
  socket: path.optional().describe('Unix socket for health and metrics.'),
});
