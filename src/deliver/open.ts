import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Mllp } from '../config/transport.ts';
import { createTlsFiles } from './tls-files.ts';

/** A socket that is being opened, and the event at which it can be used. */
export interface Opening {
  readonly socket: Socket;
  readonly ready: 'connect' | 'secureConnect';
}

/** Begins to open a connection; throws, with a `code`, where its own files are not in order. */
export type Opener = () => Opening;

const KEEP_ALIVE_MS = 60_000;

/** @param onPeer told, at each TLS connection, until when the certificate of the LIS is valid */
export function createOpener({ host, port, tls }: Mllp, onPeer: (validTo: Date) => void): Opener {
  if (tls === undefined) {
    return () => ({
      socket: createConnection({
        host,
        port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      }),
      ready: 'connect',
    });
  }
  const files = createTlsFiles(tls);
  return () => {
    const socket = connectTls({ ...files(), host, port });
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once('secureConnect', () => {
      const validTo = new Date(socket.getPeerCertificate().valid_to);
      if (!Number.isNaN(validTo.getTime())) onPeer(validTo);
    });
    return { socket, ready: 'secureConnect' };
  };
}
