import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Method } from '../analysis.ts';
import type { ChannelConfig } from './alerts.ts';
import { assaySchema } from './assay.ts';
import { loadCalibration } from './calibration.ts';
import { loadTexts, type AllTexts, type LoadedTexts } from './comments.ts';
import { contradictions } from './contradictions.ts';
import { formatPath, formatValue, valueAt, type Fault } from './faults.ts';
import { readYamlFile, type YamlFile } from './read.ts';
import type { OrdersConfig } from './orders.ts';
import { configSchema, type Config, type Destination } from './schema.ts';
import type { Tls } from './transport.ts';
import { hashOf } from './version.ts';

/** A configuration as the service uses it: every path absolute, every default filled in, frozen throughout. */
export interface LoadedConfig {
  readonly ok: true;
  readonly config: Config;
  /** The assay that `config.assay` names, or the bundled one. */
  readonly method: Method;
  /** The words of the comments, the site's own over the bundled ones. */
  readonly texts: AllTexts;
  /** Path of the file that was read; null for the built-in defaults. */
  readonly source: string | null;
  /** SHA-256 (hex) of what the configuration means: comments, order and defaults written out do not change it. */
  readonly hash: string;
}

export interface LoadedAssay {
  readonly ok: true;
  readonly method: Method;
}

export interface Refused {
  readonly ok: false;
  /** Every fault, in the order of the file; at least one. */
  readonly faults: readonly Fault[];
}

export const DEFAULT_CONFIG_FILE = '/etc/raisingd/raisingd.yaml';
export const BUNDLED_ASSAY_FILE = fileURLToPath(new URL('../../config/assays/htlv1.yaml', import.meta.url));

const BUILT_IN = { dataDir: '/var/lib/raisingd' };

/**
 * Reads the configuration and its assay. Mistakes are returned, never thrown and never repaired.
 * @param file null: `defaultFile` where there is one, else the built-in defaults
 */
export function loadConfig(file: string | null, defaultFile = DEFAULT_CONFIG_FILE): LoadedConfig | Refused {
  if (file === null && isAbsent(defaultFile)) {
    const assay = loadAssay(BUNDLED_ASSAY_FILE);
    const words = loadTexts(null);
    if (!assay.ok) return assay;
    return words.ok ? loaded(configSchema.parse(BUILT_IN), assay.method, words.texts, null) : words;
  }
  const source = resolve(file ?? defaultFile);
  const folder = dirname(source);
  const read = readYamlFile(source, configSchema);
  const assay = withCalibration(assayOf(read, folder), read, folder);
  const words = textsOf(read, folder);
  const faults = [...read.faults, ...crossFaults(read, source, folder)].sort(byPlace);
  if (read.value !== null && assay.ok && words.ok && faults.length === 0) {
    return loaded(withAbsolutePaths(read.value, folder), assay.method, words.texts, source);
  }
  const others = [assay, words].flatMap((one) => (one.ok ? [] : one.faults));
  return { ok: false, faults: [...faults, ...others] };
}

/** Reads an assay file; `parameters` is the SHA-256 of everything in it that can change a score. */
export function loadAssay(file: string): LoadedAssay | Refused {
  const read = readYamlFile(resolve(file), assaySchema);
  if (read.value === null) return { ok: false, faults: read.faults.toSorted(byPlace) };
  const assay = deepFreeze(read.value);
  return { ok: true, method: Object.freeze({ assay, parameters: hashOf(assay), calibration: null }) };
}

function loaded(config: Config, method: Method, texts: AllTexts, source: string | null): LoadedConfig {
  const hash = hashOf({ config, assay: method.parameters, calibration: method.calibration?.hash, texts });
  return Object.freeze({
    ok: true,
    config: deepFreeze(config),
    method,
    texts: deepFreeze(texts),
    source,
    hash,
  });
}

/** The comments that a document names; their faults are put under `comments`. */
function textsOf(read: YamlFile<Config>, folder: string): LoadedTexts {
  const named = valueAt(read.document?.value, ['comments']);
  if (typeof named !== 'string' || named.trim() === '') return loadTexts(null);
  const words = loadTexts(resolve(folder, named.trim()));
  if (words.ok) return words;
  const faults = words.faults.map((fault) => ({
    ...fault,
    path: fault.path === fault.file ? 'comments' : `comments.${fault.path}`,
  }));
  return { ok: false, faults };
}

/** The assay that a document names, however little else of it is valid; its faults are put under `assay`. */
function assayOf(read: YamlFile<Config>, folder: string): LoadedAssay | Refused {
  const named = valueAt(read.document?.value, ['assay']);
  if (typeof named !== 'string' || named.trim() === '') return loadAssay(BUNDLED_ASSAY_FILE);
  const assay = loadAssay(resolve(folder, named.trim()));
  if (assay.ok) return assay;
  const faults = assay.faults.map((fault) => ({
    ...fault,
    path: fault.path === fault.file ? 'assay' : `assay.${fault.path}`,
  }));
  return { ok: false, faults };
}

/** The method with the calibration that a document names; its faults are put under `calibration`. */
function withCalibration(
  assay: LoadedAssay | Refused,
  read: YamlFile<Config>,
  folder: string,
): LoadedAssay | Refused {
  const named = valueAt(read.document?.value, ['calibration']);
  if (!assay.ok || typeof named !== 'string' || named.trim() === '') return assay;
  const loaded = loadCalibration(resolve(folder, named.trim()), assay.method.assay);
  if (loaded.ok)
    return {
      ok: true,
      method: Object.freeze({ ...assay.method, calibration: deepFreeze(loaded.calibration) }),
    };
  const faults = loaded.faults.map((fault) => ({
    ...fault,
    path: fault.path === fault.file ? 'calibration' : `calibration.${fault.path}`,
  }));
  return { ok: false, faults };
}

function crossFaults(read: YamlFile<Config>, file: string, folder: string): Fault[] {
  const { document } = read;
  if (document === null) return [];
  return contradictions(document.value, folder).map(({ path, message, remedy }) => ({
    path: formatPath(path),
    message,
    value: formatValue(valueAt(document.value, path)),
    remedy,
    file,
    place: document.locate(path),
  }));
}

/** Every key of the configuration that names a file or folder. */
function withAbsolutePaths(config: Config, folder: string): Config {
  const { assay, worklist, lookup, upkeep, log } = config;
  const from = (path: string) => resolve(folder, path);
  return {
    ...config,
    dataDir: from(config.dataDir),
    watch: { ...config.watch, folders: config.watch.folders.map(from) },
    ...(assay !== undefined && { assay: from(assay) }),
    ...(config.calibration !== undefined && { calibration: from(config.calibration) }),
    ...(config.comments !== undefined && { comments: from(config.comments) }),
    ...(worklist !== undefined && { worklist: { ...worklist, folder: from(worklist.folder) } }),
    ...(lookup?.tokenFile !== undefined && { lookup: { ...lookup, tokenFile: from(lookup.tokenFile) } }),
    upkeep: {
      ...upkeep,
      backup: {
        ...upkeep.backup,
        ...(upkeep.backup.folder !== undefined && { folder: from(upkeep.backup.folder) }),
      },
    },
    ...(config.orders !== undefined && { orders: withAbsoluteCertificates(config.orders, from) }),
    lis: config.lis.map((destination) => withAbsoluteTransport(destination, from)),
    alerts: {
      ...config.alerts,
      channels: config.alerts.channels.map((one) => withAbsoluteSecrets(one, from)),
    },
    listen: {
      ...config.listen,
      ...(config.listen.socket !== undefined && { socket: from(config.listen.socket) }),
    },
    log: { ...log, ...(log.file !== undefined && { file: from(log.file) }) },
  };
}

function withAbsoluteCertificates(orders: OrdersConfig, from: (path: string) => string): OrdersConfig {
  const { tls, ...mllp } = orders.mllp;
  if (tls === undefined) return orders;
  const { cert, key, ca } = tls;
  const files = { cert: from(cert), key: from(key), ...(ca !== undefined && { ca: from(ca) }) };
  return { ...orders, mllp: { ...mllp, tls: files } };
}

function withAbsoluteSecrets(channel: ChannelConfig, from: (path: string) => string): ChannelConfig {
  const { webhook, email } = channel;
  const { ca, passwordFile } = email ?? {};
  return {
    ...channel,
    ...(webhook?.urlFile !== undefined && { webhook: { ...webhook, urlFile: from(webhook.urlFile) } }),
    ...(email !== undefined && {
      email: {
        ...email,
        ...(ca !== undefined && { ca: from(ca) }),
        ...(passwordFile !== undefined && { passwordFile: from(passwordFile) }),
      },
    }),
  };
}

function withAbsoluteTransport(destination: Destination, from: (path: string) => string): Destination {
  const { mllp, http, file } = destination;
  const secured = ({ ca, cert, key, ...rest }: Tls): Tls => ({
    ...rest,
    ...(ca !== undefined && { ca: from(ca) }),
    ...(cert !== undefined && { cert: from(cert) }),
    ...(key !== undefined && { key: from(key) }),
  });
  return {
    ...destination,
    ...(mllp !== undefined && {
      mllp: { ...mllp, ...(mllp.tls !== undefined && { tls: secured(mllp.tls) }) },
    }),
    ...(http !== undefined && {
      http: {
        ...http,
        ...(http.authorizationFile !== undefined && { authorizationFile: from(http.authorizationFile) }),
        ...(http.tls !== undefined && { tls: secured(http.tls) }),
      },
    }),
    ...(file !== undefined && { file: { ...file, folder: from(file.folder) } }),
  };
}

function isAbsent(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    // There, but out of reach: reading it will say why. Never a reason to run on the defaults.
    return false;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

function byPlace(one: Fault, other: Fault): number {
  return (
    (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0)
  );
}
