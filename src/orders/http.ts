import { readFile } from 'node:fs/promises';
import axios from 'axios';

/** What a GET gave. `problem` is for logs: it names neither the URL nor what came. */
export type Fetched =
  | { readonly kind: 'json'; readonly value: unknown }
  /** 404 or 410: the server knows no such thing. */
  | { readonly kind: 'absent' }
  /** 400 or 422: it takes no such question, now or later. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string };

export interface GetOptions {
  readonly timeoutMs: number;
  /** File with a bearer token; read for each request, so that a renewed one counts at once. */
  readonly tokenFile: string | undefined;
  readonly signal: AbortSignal;
}

const MAX_BYTES = 1024 * 1024;

/** GETs JSON within a time limit that includes name look-up and connection. Never throws. */
export async function getJson(url: string, options: GetOptions): Promise<Fetched> {
  let token: string | null;
  try {
    token = options.tokenFile === undefined ? null : (await readFile(options.tokenFile, 'utf8')).trim();
  } catch (error) {
    return { kind: 'failed', problem: `lookup.tokenFile cannot be read (${codeOf(error)})` };
  }
  try {
    const response = await axios.get<string>(url, {
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
      headers: {
        accept: 'application/fhir+json, application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      // A redirect or a proxy of the environment could carry the token to another server.
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MAX_BYTES,
      // axios would make a number of `12` and leave broken JSON as text.
      responseType: 'text',
      transformResponse: (body: string) => body,
      validateStatus: (status) => [200, 400, 404, 410, 422].includes(status),
    });
    const { status } = response;
    if (status === 404 || status === 410) return { kind: 'absent' };
    if (status !== 200) return { kind: 'refused', problem: `HTTP ${status}` };
    try {
      return { kind: 'json', value: JSON.parse(response.data) };
    } catch {
      return { kind: 'failed', problem: 'the answer is no JSON' };
    }
  } catch (error) {
    if (!axios.isAxiosError(error)) return { kind: 'failed', problem: codeOf(error) };
    if (error.response !== undefined) return { kind: 'failed', problem: `HTTP ${error.response.status}` };
    const late = error.code === 'ERR_CANCELED';
    return { kind: 'failed', problem: late ? `no answer within ${options.timeoutMs} ms` : codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.name;
  return 'unknown error';
}
