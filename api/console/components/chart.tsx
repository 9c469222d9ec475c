import type { ComponentChildren } from 'preact';
import { count } from '../format.ts';
import { Table } from './table.tsx';

/** One series of a chart: a value for each place on the axis; null leaves a gap. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** @see BarChart */
export interface ChartParts {
  /** What is shown, in words; the name of the picture. */
  readonly title: string;
  /** Places on the axis: hours, days. */
  readonly labels: readonly string[];
  /** At most six; each has a colour and a pattern of its own. */
  readonly series: readonly Series[];
  /** How a value is written. */
  readonly write?: (value: number) => string;
  /** Where the axis ends, when values have an end: 1 of shares. */
  readonly most?: number;
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 52;
const BOTTOM = 26;
const TOP = 14;
const INNER = HEIGHT - TOP - BOTTOM;
/** A bar that stands alone is still a bar. */
const WIDEST = 90;

/** Bars, stacked where there are several series, with the same figures as a table below. */
export function BarChart({ title, labels, series, write = count, most }: ChartParts) {
  const sums = labels.map((_label, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const top = most ?? ceiling(Math.max(0, ...sums));
  const step = (WIDTH - LEFT) / Math.max(1, labels.length);
  const width = Math.min(step * 0.76, WIDEST);
  return (
    <Frame title={title} labels={labels} series={series} write={write} top={top}>
      {labels.map((label, at) => {
        let below = 0;
        return series.map(({ name, values }, index) => {
          const value = values[at] ?? 0;
          const height = (value / top) * INNER;
          below += height;
          if (value === 0) return null;
          return (
            <rect
              key={`${label}/${name}`}
              class={`series s${index + 1}`}
              x={LEFT + (at + 0.5) * step - width / 2}
              y={TOP + INNER - below}
              width={width}
              height={height}
            >
              <title>{`${label}, ${name}: ${write(value)}`}</title>
            </rect>
          );
        });
      })}
    </Frame>
  );
}

/** Lines, with the same figures as a table below. */
export function LineChart({ title, labels, series, write = count, most }: ChartParts) {
  const top = most ?? ceiling(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const step = (WIDTH - LEFT) / Math.max(1, labels.length);
  const spot = (value: number, at: number) => ({ x: LEFT + (at + 0.5) * step, y: TOP + INNER - (value / top) * INNER });
  return (
    <Frame title={title} labels={labels} series={series} write={write} top={top}>
      {series.map(({ name, values }, index) => (
        <g key={name}>
          <path class={`line s${index + 1}`} d={pathOf(values, spot)} />
          {values.map((value, at) => {
            if (value === null) return null;
            const { x, y } = spot(value, at);
            return (
              <circle key={labels[at] ?? at} class={`series s${index + 1}`} cx={x} cy={y} r={3}>
                <title>{`${labels[at] ?? ''}, ${name}: ${write(value)}`}</title>
              </circle>
            );
          })}
        </g>
      ))}
    </Frame>
  );
}

function pathOf(values: Series['values'], spot: (value: number, at: number) => { x: number; y: number }): string {
  let pen = 'M';
  const steps: string[] = [];
  for (const [at, value] of values.entries()) {
    if (value === null) {
      pen = 'M';
      continue;
    }
    const { x, y } = spot(value, at);
    steps.push(`${pen}${x.toFixed(1)} ${y.toFixed(1)}`);
    pen = 'L';
  }
  return steps.join('');
}

function Frame({
  title,
  labels,
  series,
  write,
  top,
  children,
}: Required<Omit<ChartParts, 'most'>> & { readonly top: number; readonly children: ComponentChildren }) {
  const step = (WIDTH - LEFT) / Math.max(1, labels.length);
  const every = Math.ceil(labels.length / 12);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {series.length < 2 ? null : (
          <ul class="legend">
            {series.map(({ name }, index) => (
              <li key={name}>
                <svg viewBox="0 0 12 12" aria-hidden="true">
                  <rect class={`series s${index + 1}`} width="12" height="12" />
                </svg>
                {name}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1={LEFT} x2={WIDTH} y1={TOP + INNER * (1 - part)} y2={TOP + INNER * (1 - part)} />
            <text class="axis" x={LEFT - 6} y={TOP + INNER * (1 - part) + 4} text-anchor="end">
              {write(top * part)}
            </text>
          </g>
        ))}
        {children}
        {labels.map((label, at) =>
          at % every === 0 ? (
            <text
              key={label}
              class={(at / every) % 2 === 0 ? 'axis' : 'axis wide'}
              x={LEFT + (at + 0.5) * step}
              y={HEIGHT - 8}
              text-anchor="middle"
            >
              {label}
            </text>
          ) : null,
        )}
      </svg>
      <details>
        <summary>The same as a table</summary>
        <Table
          caption={title}
          quiet
          rows={labels.map((label, at) => ({ label, at }))}
          rowKey={({ label }) => label}
          columns={[
            { heading: 'When', cell: ({ label }) => label },
            ...series.map(({ name, values }) => ({
              heading: name,
              end: true,
              cell: ({ at }: { at: number }) => {
                const value = values[at];
                return value === null || value === undefined ? '–' : write(value);
              },
            })),
          ]}
        />
      </details>
    </figure>
  );
}

/** The least of 2, 4, 6, 8, 10, 20, 40, … that is not below `value`, so that the half of it is whole from 2 on. */
function ceiling(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return factor * power;
}
