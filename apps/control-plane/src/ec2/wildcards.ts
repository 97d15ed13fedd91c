/** Whether all of a value is what a pattern says. */
export type Matcher = (value: string) => boolean;

/**
 * EC2's patterns: `*` is anything, `?` any one character, and `\` before one of them takes it literally.
 *
 * The pieces between stars are found one after the other, each at the first place after the one before, which is
 * enough: no step is ever taken back, so that time grows with the pattern's length times the value's at most.
 */
export function matcherFrom(pattern: string): Matcher {
  const [first = '', ...others] = piecesOf(pattern);
  const last = others.pop();
  if (last === undefined) {
    const whole = new RegExp(`^${first}$`, 'us');
    return (value) => whole.test(value);
  }
  const start = new RegExp(`^${first}`, 'us');
  const between = others.filter((piece) => piece !== '').map((piece) => new RegExp(piece, 'gus'));
  const end = new RegExp(`${last}$`, 'us');
  return (value) => {
    let at = start.exec(value)?.[0].length;
    for (const piece of between) {
      if (at === undefined) return false;
      piece.lastIndex = at;
      at = piece.test(value) ? piece.lastIndex : undefined;
    }
    return at !== undefined && end.test(value.slice(at));
  };
}

/** The sources of expressions of a fixed length, one for each piece between stars. */
function piecesOf(pattern: string): readonly string[] {
  const pieces = [''];
  for (const [part] of pattern.matchAll(/\\[*?\\]|[\s\S]/gu)) {
    if (part === '*') pieces.push('');
    else pieces.push(`${pieces.pop() ?? ''}${sourceOf(part)}`);
  }
  return pieces;
}

function sourceOf(part: string): string {
  // Not [\s\S], which V8 takes for one half of an astral character where an expression is bound to the end.
  if (part === '?') return '.';
  return RegExp.escape(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part);
}
