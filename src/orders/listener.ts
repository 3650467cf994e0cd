import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { OrdersConfig } from '../config/orders.ts';
import { createFrameDecoder } from '../deliver/frame.ts';
import type { Log } from '../platform/log.ts';
import type { Reply } from './receive.ts';

export interface ListenerDeps {
  readonly settings: OrdersConfig['mllp'];
  readonly receive: (bytes: Uint8Array) => Reply;
  readonly log: Log;
  /** The receiver failed in a way that no repetition mends. */
  readonly onFatal: (error: unknown) => void;
}

/** The one open port of the program: MLLP from the addresses that are allowed. */
export interface Listener {
  /** @throws where the address cannot be listened on */
  listen(): Promise<{ readonly port: number }>;
  /** Ends all connections; what was not answered is repeated by its sender. */
  close(): Promise<void>;
}

/** How long a frame may take from its first byte to its last, milliseconds. */
const FRAME_MS = 60_000;
const HANDSHAKE_MS = 10_000;
/** Answers that a peer may leave unread, bytes. */
const UNREAD_BYTES = 65_536;
const STRANGERS_TOLD = 1000;

export function createListener({ settings, receive, log, onFatal }: ListenerDeps): Listener {
  const allowed = allowList(settings.allow);
  const strangers = new Set<string>();
  const sockets = new Set<Socket>();
  let opening: Promise<Server> | null = null;

  const isAllowed = (address: string): boolean => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && allowed.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };

  const answer = (bytes: Uint8Array): Reply => {
    try {
      return receive(bytes);
    } catch (error) {
      onFatal(error);
      return null;
    }
  };

  const converse = (socket: Socket): void => {
    const decoder = createFrameDecoder(1024 * settings.maxMessageKiB);
    let frameBegan: number | null = null;
    socket.on('data', (chunk: Buffer) => {
      for (const decoded of decoder.push(chunk)) {
        if (socket.destroyed) return;
        if (decoded.kind === 'noise') {
          log.warn('Bytes came that are no message', { bytes: decoded.length, reason: decoded.reason });
          // A sender that waits for the answer to it would wait for ever.
          if (decoded.reason === 'in a frame too long') socket.destroy();
          continue;
        }
        frameBegan = null;
        const reply = answer(decoded.bytes);
        // Nor is anything kept for a peer that sends and never reads.
        if (reply === null || socket.writableLength > UNREAD_BYTES) socket.destroy();
        else socket.write(reply);
      }
      if (decoder.pending() === 0) frameBegan = null;
      else if (frameBegan === null) frameBegan = performance.now();
      else if (performance.now() - frameBegan > FRAME_MS) socket.destroy();
    });
  };

  /** Before anything is said, TLS included. */
  const admit = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    if (isAllowed(address)) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      return;
    }
    if (!strangers.has(address) && strangers.size < STRANGERS_TOLD) {
      strangers.add(address);
      log.warn('A connection was turned away; orders.mllp.allow does not name its address', { address });
    }
    socket.destroy();
  };

  const welcome = (socket: Socket): void => {
    if (socket.destroyed) return;
    socket.setTimeout(1000 * settings.idleSeconds, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    converse(socket);
  };

  const createOwnServer = (): Server => {
    const { tls } = settings;
    if (tls === undefined) {
      return createServer({ noDelay: true, keepAlive: true })
        .on('connection', admit)
        .on('connection', welcome);
    }
    const { cert, key, ca } = tls;
    const secured = createTlsServer({
      ...{
        cert: readFileSync(cert),
        key: readFileSync(key),
        minVersion: 'TLSv1.2',
        handshakeTimeout: HANDSHAKE_MS,
      },
      ...(ca === undefined ? {} : { ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true }),
      ...{ noDelay: true, keepAlive: true },
    });
    secured.on('tlsClientError', (error) => log.warn('A TLS connection failed', { error: codeOf(error) }));
    return secured.on('connection', admit).on('secureConnection', welcome);
  };

  const open = async (): Promise<Server> => {
    const server = createOwnServer();
    server.maxConnections = settings.maxConnections;
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    // Unheard, it would end the process; what cannot be accepted now is tried again by its sender.
    server.on('error', (error) => log.warn('A connection could not be accepted', { error: codeOf(error) }));
    return server;
  };

  return {
    async listen() {
      opening = open();
      const address = (await opening).address();
      if (address === null || typeof address === 'string') throw new Error('orders.mllp has no TCP port');
      return { port: address.port };
    },
    async close() {
      // While its name is looked up a server cannot be closed, and would listen for ever.
      const server = (await opening?.catch(() => null)) ?? null;
      opening = null;
      if (server === null) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}

/** Addresses and networks (`10.1.2.0/24`), already judged by the schema. */
function allowList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
