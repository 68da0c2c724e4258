/** A name or pattern inside a sentence. Backticks in it would end the quotation. */
export function quote(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 3 more ``. */
export function quoted(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map(quote);
  const left = names.length - shown.length;
  const all = left > 0 ? [...shown, `${left} more`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

/** `1 approval`, `2 approvals`. */
export function counted(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
