/** The field at an index of a message's text, such as `PID-5` or `NTE[2]-3`. */
export function placeOf(message: string, index: number): string {
  const before = message.slice(0, index).split('\r');
  const line = before.at(-1) ?? '';
  const id = line.slice(0, 3);
  const field = line.split('|').length - (id === 'MSH' ? 0 : 1);
  const count = before.filter((other) => other.startsWith(id)).length;
  return `${count === 1 ? id : `${id}[${count}]`}-${field}`;
}

/** A character by its number, such as `U+20BB7`. */
export function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
