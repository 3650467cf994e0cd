import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';

const LOWEST = 10_000;
const TRIES = 50;

/**
 * Makes the server listen; returns its port. `port` 0: one below those that the kernel gives to connections. While the
 * server is away no other process is given such a one by chance, nor a client that tries again connected to itself.
 */
export async function listenAt(server: Server, host: string, port: number): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const chosen = port === 0 ? anyPort() : port;
    try {
      server.listen(chosen, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || port !== 0 || tries === TRIES) throw error;
    }
  }
}

/** 0, and so any, on a machine that gives all of them to connections. */
function anyPort(): number {
  const first = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  return first > LOWEST ? LOWEST + Math.floor(Math.random() * (first - LOWEST)) : 0;
}
