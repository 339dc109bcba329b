/** Words in lines of at most `chars`, at most `lines` of them; what is left over ends in an ellipsis. */
export function wrapped(text: string, chars: number, lines: number): string[] {
  const out: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const last = out.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= chars) out[out.length - 1] = `${last} ${word}`;
    else out.push(word);
  }
  const isCut = out.length > lines;
  return out.slice(0, lines).map((line, i) => {
    const more = isCut && i === lines - 1;
    return line.length + (more ? 2 : 0) > chars ? `${line.slice(0, chars - 1)}…` : more ? `${line} …` : line;
  });
}
