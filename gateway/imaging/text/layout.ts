/** Columns between tab stops, as on every terminal and line printer. */
const TAB = 8;

/**
 * Breaks `text` into pages of lines: tabs to stops of eight columns, long lines wrapped at the last space, form
 * feeds and full pages start a new page. Blank pages at the end are dropped.
 *
 * @param widthOf columns that one character takes: 0 for combining marks, 1, or more for codes that are spelled out
 */
export function layoutText(
  text: string,
  columns: number,
  linesPerPage: number,
  widthOf: (character: string) => number = () => 1,
): string[][] {
  const pages = text.split('\f').flatMap((part) => {
    const lines = part.replace(/\n$/, '').split('\n');
    return paginate(
      lines.flatMap((line) => wrapLine(expandTabs(line, widthOf), columns, widthOf)),
      linesPerPage,
    );
  });
  while (pages.length > 0 && pages.at(-1)?.every((line) => line.trim() === '') === true) pages.pop();
  return pages;
}

function paginate(lines: readonly string[], linesPerPage: number): string[][] {
  const pages: string[][] = [];
  for (let i = 0; i < lines.length; i += linesPerPage) pages.push(lines.slice(i, i + linesPerPage));
  return pages;
}

function expandTabs(line: string, widthOf: (character: string) => number): string {
  if (!line.includes('\t')) return line;
  let out = '';
  let column = 0;
  for (const character of line) {
    const width = character === '\t' ? TAB - (column % TAB) : widthOf(character);
    out += character === '\t' ? ' '.repeat(width) : character;
    column += width;
  }
  return out;
}

function wrapLine(line: string, columns: number, widthOf: (character: string) => number): string[] {
  const lines: string[] = [];
  let current = '';
  let width = 0;
  for (const character of line) {
    const next = widthOf(character);
    if (width + next > columns) {
      const space = current.lastIndexOf(' ');
      const cut = character !== ' ' && space > current.length / 2 ? space + 1 : current.length;
      lines.push(current.slice(0, cut).trimEnd());
      current = current.slice(cut);
      width = [...current].reduce((sum, c) => sum + widthOf(c), 0);
      if (character === ' ' && current === '') continue;
    }
    current += character;
    width += next;
  }
  return [...lines, current.trimEnd()];
}
