import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type { Destination } from '../config/schema.ts';
import type { Http } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import type { Log } from '../platform/log.ts';
import { createStrayBin, readAnswer } from './answer.ts';
import type { AckReader } from './answer.ts';
import type { Client } from './client.ts';
import { errorCode } from './error-code.ts';
import { createTlsFiles } from './tls-files.ts';
import type { TlsMaterial } from './tls-files.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

export interface HttpClientDeps {
  readonly destination: Pick<Destination, 'name' | 'timeouts'> & { readonly http: Http };
  readonly readAck: AckReader;
  readonly log: Log;
  readonly charset: string;
}

/** Nothing was sent where the system says one of these: the connection never came about. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL|tls\.|authorizationFile|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_WRONG|ERR_SSL_PACKET|ERR_OSSL)/;

/** Posts each message; what its acknowledgement says counts, whatever the HTTP status is. */
export function createHttpClient({ destination, readAck, log, charset }: HttpClientDeps): Client {
  const { http, timeouts } = destination;
  const seconds = timeouts.connectSeconds + timeouts.ackSeconds;
  const strays = createStrayBin(destination.name, log);
  const files = http.tls === undefined ? null : createTlsFiles(http.tls);
  const plain = new HttpAgent({ keepAlive: true });
  let secure: { readonly material: TlsMaterial | null; readonly agent: HttpsAgent } | null = null;

  /** The same agent for as long as the files are the same, so that connections are kept. */
  const secureAgent = (): HttpsAgent => {
    const material = files === null ? null : files();
    if (secure?.material !== material) {
      secure?.agent.destroy();
      secure = { material, agent: new HttpsAgent({ keepAlive: true, minVersion: 'TLSv1.2', ...material }) };
    }
    return secure.agent;
  };

  const post = async (bytes: Uint8Array, signal: AbortSignal) =>
    axios.post<ArrayBuffer>(http.url, Buffer.from(bytes), {
      headers: {
        'Content-Type': `application/hl7-v2; charset=${charset}`,
        Accept: 'application/hl7-v2, */*;q=0.1',
        ...(await authorization(http.authorizationFile)),
      },
      signal,
      ...(http.url.startsWith('https:') ? { httpsAgent: secureAgent() } : { httpAgent: plain }),
      responseType: 'arraybuffer',
      maxContentLength: MAX_ANSWER_BYTES,
      maxBodyLength: Infinity,
      // Patient data goes to the address that was configured and to no other.
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
    });

  return {
    async send({ controlId, bytes }, signal) {
      const isStopped = (): boolean => signal?.aborted === true;
      if (isStopped()) return { kind: 'stopped' };
      // One for all, name look-up and connection included: axios's own begins only once there is a connection.
      const deadline = AbortSignal.timeout(1000 * seconds);
      try {
        const aborted = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
        const { data, status } = await post(bytes, aborted);
        strays.begin();
        return outcomeOf(new Uint8Array(data), status, controlId);
      } catch (error) {
        if (isStopped()) return { kind: 'stopped' };
        if (deadline.aborted) return { kind: 'ack-timeout', seconds };
        const code = errorCode(error);
        return BEFORE_SENDING.test(code)
          ? { kind: 'unreachable', code }
          : { kind: 'closed', code, reused: false };
      }
    },
    close() {
      plain.destroy();
      secure?.agent.destroy();
      secure = null;
    },
  };

  function outcomeOf(body: Uint8Array, status: number, controlId: string): SendOutcome {
    const answer = readAnswer({ kind: 'message', bytes: body }, readAck);
    if (answer.kind === 'acknowledged' && answer.ack.controlId === controlId) return answer;
    if (answer.kind === 'garbled' && (status < 200 || status > 299)) return { kind: 'http-status', status };
    return strays.drop(answer, controlId);
  }
}

/** Read for each message, so that a renewed secret needs no restart. */
async function authorization(file: string | undefined): Promise<{ Authorization?: string }> {
  if (file === undefined) return {};
  try {
    return { Authorization: (await readFile(file, 'utf8')).trim() };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw Object.assign(new Error('http.authorizationFile cannot be read', { cause }), {
      code: `authorizationFile ${code}`,
    });
  }
}
