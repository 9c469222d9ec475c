import type { ComponentChildren } from 'preact';
import { Empty } from './empty.tsx';

/** One column of a table of `T`. */
export interface Column<T> {
  readonly heading: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand at the end. */
  readonly end?: boolean;
  /** Names the row; the first column when no other says so. */
  readonly names?: boolean;
  /** Left out where the screen is narrow. */
  readonly wide?: boolean;
}

/** @see Table */
export interface TableParts<T> {
  /** What is in it; seen above it, unless `quiet`. */
  readonly caption: string;
  readonly quiet?: boolean;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Instead of no rows. */
  readonly empty?: ComponentChildren;
}

/** What is around a table scrolls: without a tab stop a keyboard could not move it (WCAG 2.1.1). No landmark of its own. */
const scrolling = (caption: string) => ({ role: 'group', tabIndex: 0, 'aria-label': caption }) as const;

/** A table with a caption. Where it is wider than the screen, it scrolls by itself, with the keyboard too. */
export function Table<T>({ caption, quiet, columns, rows, rowKey, empty }: TableParts<T>) {
  if (rows.length === 0) return <>{empty ?? <Empty title="Nothing yet" />}</>;
  const named = columns.findIndex(({ names }) => names === true);
  const classOf = ({ end, wide }: Column<T>) => [end && 'end', wide && 'wide'].filter(Boolean).join(' ');
  return (
    <div class="scroll" {...scrolling(caption)}>
      <table>
        <caption class={quiet === true ? 'unseen' : ''}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.heading} scope="col" class={classOf(column)}>
                {column.heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) =>
                index === Math.max(0, named) ? (
                  <th key={column.heading} scope="row" class={classOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.heading} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
