import { chmodSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Log } from '../platform/log.ts';
import type { Readiness } from './health.ts';
import { wordsOf } from '../platform/words-of.ts';

/** Where it listens: a port of the loopback, a Unix socket, both or neither. */
export interface ListenSettings {
  readonly host: string;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
}

/** What is asked when somebody asks; each may throw, and then the answer is 500. */
export interface MonitorSources {
  /** Whether progress is made; the same that feeds systemd's watchdog. */
  readonly isAlive: () => boolean;
  readonly readiness: () => Readiness;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `/healthz`, `/readyz` and `/metrics`. */
export interface Monitor {
  /** Listens as `settings` say from now on. What is in the way is logged, and tried again; it never stops results. */
  listen(settings: ListenSettings): Promise<void>;
  /** The addresses at which it answers now. */
  addresses(): readonly string[];
  close(): Promise<void>;
}

const AGAIN_MS = 30_000;
const PATIENCE_MS = 5000;
const MOST_CONNECTIONS = 20;
/** The owner and the group; who else comes to the socket is a matter of its folder. */
const SOCKET_MODE = 0o660;

type Place =
  | { readonly kind: 'port'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

export function createMonitor(sources: MonitorSources, log: Log): Monitor {
  let open: { readonly server: Server; readonly name: string }[] = [];
  let again: NodeJS.Timeout | undefined;
  let wanted = '[]';
  /** What is done about listening is done one after another. */
  let working: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (working = working.then(work));

  const listenAt = async (place: Place): Promise<void> => {
    const limits = { requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS };
    const server = createServer(limits, (request, response) => {
      answer(request, response, sources).catch((error: unknown) => {
        // A service that stops has closed its connections, and soon its database.
        if (response.destroyed) return;
        log.error('A question about health could not be answered', { error: wordsOf(error) });
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    server.maxConnections = MOST_CONNECTIONS;
    await bind(server, place);
    // Such as no more files to be had: an error that nobody listens to would end the service.
    server.on('error', (error) =>
      log.debug('A question about health was not taken', { error: error.message }),
    );
    const name = nameOf(server);
    open.push({ server, name });
    log.info('Health and metrics are offered', { address: name });
  };

  /** @param told whether somebody has read already that these are not to be had */
  const tryAll = async (places: readonly Place[], told: boolean): Promise<void> => {
    const failed: Place[] = [];
    for (const place of places) {
      try {
        await listenAt(place);
      } catch (error) {
        failed.push(place);
        const where = place.kind === 'port' ? `${place.host}:${place.port}` : place.path;
        log[told ? 'debug' : 'error']('Health and metrics cannot be offered here; it is tried again', {
          place: where,
          error: wordsOf(error),
        });
      }
    }
    if (failed.length === 0) return;
    again = setTimeout(() => void inTurn(() => tryAll(failed, true)), AGAIN_MS);
    again.unref();
  };

  const closeAll = async (): Promise<void> => {
    clearTimeout(again);
    const closing = open.map(async ({ server }) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });
    open = [];
    wanted = '[]';
    await Promise.all(closing);
  };

  return {
    listen: ({ host, port, socket }) =>
      inTurn(async () => {
        const places: Place[] = [
          ...(port === undefined ? [] : [{ kind: 'port', host, port } as const]),
          ...(socket === undefined ? [] : [{ kind: 'socket', path: socket } as const]),
        ];
        if (JSON.stringify(places) === wanted) return;
        await closeAll();
        wanted = JSON.stringify(places);
        await tryAll(places, false);
      }),
    addresses: () => open.map(({ name }) => name),
    close: () => inTurn(closeAll),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sources: MonitorSources,
): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  switch (path) {
    case '/healthz': {
      const alive = sources.isAlive();
      send(response, alive ? 200 : 503, 'application/json', `${JSON.stringify({ alive })}\n`);
      return;
    }
    case '/readyz': {
      const readiness = sources.readiness();
      send(response, readiness.ready ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`);
      return;
    }
    case '/metrics': {
      const { contentType, text } = await sources.metrics();
      send(response, 200, contentType, text);
      return;
    }
    default:
      send(response, 404, 'text/plain; charset=utf-8', 'There are /healthz, /readyz and /metrics.\n');
  }
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
}

async function bind(server: Server, place: Place): Promise<void> {
  try {
    await listening(server, place);
  } catch (error) {
    if (place.kind !== 'socket' || !isCode(error, 'EADDRINUSE') || !(await isLeftOver(place.path)))
      throw error;
    // A process that was killed leaves its socket behind.
    rmSync(place.path);
    await listening(server, place);
  }
  if (place.kind === 'socket') chmodSync(place.path, SOCKET_MODE);
}

function listening(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      place.kind === 'port' ? { host: place.host, port: place.port } : { path: place.path },
      () => {
        server.off('error', reject);
        resolve();
      },
    );
  });
}

/** Whether a path is a socket at which nobody listens. */
async function isLeftOver(path: string): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = connect(path, () => resolve(false));
  probe.on('error', (error) => resolve(isCode(error, 'ECONNREFUSED')));
  const leftOver = await promise;
  probe.destroy();
  return leftOver;
}

function nameOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return address ?? '';
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
