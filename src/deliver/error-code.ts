/** What the system calls an error, such as ECONNREFUSED: never its message, which may quote what was sent. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
