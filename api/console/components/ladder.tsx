import type { CallLadder, LadderStep } from '../../client/browser.ts';
import { count } from '../format.ts';
import { Table } from './table.tsx';

/** Geometry in user units. */
const WIDTH = 720;
const [TIME, US, THEM] = [70, 150, 570];
const [TOP, ROW, FOOT] = [36, 26, 14];

const LAYERS: readonly (readonly [LadderStep['layer'], string])[] = [
  ['sip', 'SIP'],
  ['media', 'media'],
  ['t38', 'T.38'],
  ['t30', 'T.30'],
  ['call', 'gateway'],
];

const WAYS: Readonly<Record<LadderStep['direction'], string>> = {
  sent: 'to the far side',
  heard: 'from the far side',
  none: 'here',
};

const seconds = ({ at }: LadderStep) => `${(at / 1_000).toFixed(3)} s`;
const layerName = (layer: LadderStep['layer']) => LAYERS.find(([one]) => one === layer)?.[1] ?? layer;

/** What was said on the line, step by step: a sequence diagram, and the same as a table. */
export function Ladder({ of }: { readonly of: CallLadder }) {
  const { steps, left, cut } = of;
  const gap = (index: number) => (left > 0 && index >= cut ? 1 : 0);
  const height = TOP + (steps.length + gap(steps.length)) * ROW + FOOT;
  const name = `Call ladder, ${count(steps.length)} steps`;
  return (
    <figure class="ladder">
      <Legend />
      <section class="scroll" aria-label={name} {...SCROLLS}>
        <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`${name}; the table below says the same`}>
          <text class="side" x={US} y={14} text-anchor="middle">
            Sealfax
          </text>
          <text class="side" x={THEM} y={14} text-anchor="middle">
            far side
          </text>
          <path class="life" d={`M${US} 22V${height - 4}M${THEM} 22V${height - 4}`} />
          {steps.map((step, index) => (
            // Two steps may be alike in everything; only their place tells them apart.
            <Step key={`${index}/${step.at}`} step={step} y={TOP + (index + gap(index)) * ROW} />
          ))}
          {left === 0 ? null : (
            <text class="axis" x={(US + THEM) / 2} y={TOP + cut * ROW + 4} text-anchor="middle">
              {`… ${count(left)} steps …`}
            </text>
          )}
        </svg>
      </section>
      <StepTable of={of} />
    </figure>
  );
}

/** What scrolls needs a tab stop, or a keyboard could not move it (WCAG 2.1.1). */
const SCROLLS = { tabIndex: 0 } as const;

function Legend() {
  return (
    <ul class="legend" aria-label="Layers">
      {LAYERS.map(([layer, name]) => (
        <li key={layer}>
          <svg viewBox="0 0 14 12" aria-hidden="true">
            <path class={`arrow ${layer}`} d="M0 6h14" />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function Step({ step, y }: { readonly step: LadderStep; readonly y: number }) {
  const { direction, layer, signal, info } = step;
  return (
    <g>
      <text class="axis" x={TIME} y={y + 4} text-anchor="end">
        {seconds(step)}
      </text>
      {direction === 'none' ? (
        <circle class={`tip ${layer}`} cx={US} cy={y} r={4} />
      ) : (
        <Arrow layer={layer} sent={direction === 'sent'} y={y} />
      )}
      <text
        class={`signal ${layer}`}
        x={direction === 'none' ? US + 14 : (US + THEM) / 2}
        y={direction === 'none' ? y + 4 : y - 5}
        text-anchor={direction === 'none' ? 'start' : 'middle'}
      >
        <tspan class="name">{signal}</tspan>
        {info === null ? '' : ` ${info}`}
      </text>
    </g>
  );
}

function Arrow({
  layer,
  sent,
  y,
}: {
  readonly layer: LadderStep['layer'];
  readonly sent: boolean;
  readonly y: number;
}) {
  const [from, to, back] = sent ? [US, THEM, -8] : [THEM, US, 8];
  return (
    <>
      <path class={`arrow ${layer}`} d={`M${from} ${y}H${to + back}`} />
      <path class={`tip ${layer}`} d={`M${to} ${y}l${back} -4v8z`} />
    </>
  );
}

function StepTable({ of: { steps, left, cut } }: { readonly of: CallLadder }) {
  return (
    <details>
      <summary>The same as a table</summary>
      <Table
        caption={
          left === 0 ? 'Steps of the call' : `Steps of the call; ${count(left)} before step ${cut + 1} were left out`
        }
        rows={steps.map((step, index) => ({ step, index }))}
        rowKey={({ index }) => String(index)}
        columns={[
          { heading: 'After', end: true, cell: ({ step }) => seconds(step) },
          { heading: 'Layer', cell: ({ step }) => layerName(step.layer) },
          { heading: 'Direction', cell: ({ step }) => WAYS[step.direction] },
          { heading: 'Signal', names: true, cell: ({ step }) => step.signal },
          { heading: 'With', cell: ({ step }) => step.info ?? '–' },
        ]}
      />
    </details>
  );
}
