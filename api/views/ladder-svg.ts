import {
  type CallLadder,
  LADDER_LAYERS as LAYERS,
  type LadderLayer,
  type LadderStep,
} from '../../gateway/fax/ladder.ts';

/** Geometry in user units. */
const WIDTH = 720;
const [TIME, US, THEM] = [70, 150, 570];
const [TOP, ROW, FOOT] = [74, 26, 24];

/** Colours that differ in lightness as well, on white paper and on a dark page alike. */
const COLOUR: Readonly<Record<LadderLayer, string>> = {
  sip: '#1f5fbf',
  media: '#6b7280',
  t38: '#7a3fa8',
  t30: '#0f7a4a',
  call: '#a8480f',
};

const NAME: Readonly<Record<LadderLayer, string>> = {
  sip: 'SIP',
  media: 'media',
  t38: 'T.38',
  t30: 'T.30',
  call: 'gateway',
};

/** The sequence diagram of a call as an SVG document of its own: no script, no reference, nothing fetched. */
export function ladderSvg(ladder: CallLadder): string {
  const rows = ladder.steps.map((step, index) => stepRow(step, TOP + (index + gapsBefore(ladder, index)) * ROW));
  const lines = ladder.steps.length + gapsBefore(ladder, ladder.steps.length);
  const height = TOP + lines * ROW + FOOT;
  const gap = ladder.left === 0 ? '' : gapRow(ladder.left, TOP + ladder.cut * ROW);
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title" font-family="Helvetica, Arial, sans-serif" font-size="12">
<title id="title">Call ladder, ${ladder.steps.length} steps</title>
<defs>${LAYERS.map(tip).join('')}</defs>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${legend()}
<g text-anchor="middle" font-weight="bold" fill="#111"><text x="${US}" y="50">Sealfax</text><text x="${THEM}" y="50">far side</text></g>
<path d="M${US} 58V${height - FOOT / 2}M${THEM} 58V${height - FOOT / 2}" stroke="#9ca3af" fill="none"/>
${[...rows, gap].filter((row) => row !== '').join('\n')}
</svg>
`;
}

function gapsBefore({ left, cut }: CallLadder, index: number): number {
  return left > 0 && index >= cut ? 1 : 0;
}

function legend(): string {
  return LAYERS.map((layer, index) => {
    const x = US + index * 90;
    return `<path d="M${x} 18h14" stroke="${COLOUR[layer]}" stroke-width="4"/><text x="${x + 20}" y="22" fill="#111">${NAME[layer]}</text>`;
  }).join('\n');
}

/** An arrow head in the colour of its layer. */
function tip(layer: LadderLayer): string {
  const shape = `<path d="M0 0 8 4 0 8z" fill="${COLOUR[layer]}"/>`;
  return `<marker id="${layer}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">${shape}</marker>`;
}

function stepRow({ at, direction, layer, signal, info }: LadderStep, y: number): string {
  const time = `<text x="${TIME}" y="${y + 4}" text-anchor="end" fill="#6b7280">${(at / 1_000).toFixed(3)} s</text>`;
  const label = `<tspan font-weight="bold">${escaped(signal)}</tspan>${info === null ? '' : ` ${escaped(info)}`}`;
  const colour = COLOUR[layer];
  if (direction === 'none') {
    const dot = `<circle cx="${US}" cy="${y}" r="4" fill="${colour}"/>`;
    return `${time}${dot}<text x="${US + 14}" y="${y + 4}" fill="${colour}">${label}</text>`;
  }
  const [from, to] = direction === 'sent' ? [US, THEM - 1] : [THEM, US + 1];
  const arrow = `<path d="M${from} ${y}H${to}" stroke="${colour}" stroke-width="1.4" marker-end="url(#${layer})"/>`;
  return `${time}${arrow}<text x="${(US + THEM) / 2}" y="${y - 5}" text-anchor="middle" fill="${colour}">${label}</text>`;
}

function gapRow(left: number, y: number): string {
  return `<text x="${(US + THEM) / 2}" y="${y + 4}" text-anchor="middle" fill="#6b7280">… ${left} steps …</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
