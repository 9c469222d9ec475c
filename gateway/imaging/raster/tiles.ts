import type { KernelPage } from './kernel-page.ts';
import { DARKEST_TINT, PALE, TILE, TileLevels, WHITE } from './tile-levels.ts';

/**
 * Grey level below which a pixel on white paper prints. 128 breaks strokes: a 0.1 mm stroke is 0.8 pixels wide, so
 * that it may cover two columns by 0.4 each (grey 153); 160 keeps every stroke of 0.75 pixels and more.
 */
export const PAPER_THRESHOLD = 160;

/** What a page looks like, tile by tile. Arrays hold `columns × lines` values, row by row. */
export interface TileSurvey {
  readonly columns: number;
  readonly lines: number;
  /** 1: all pixels of the tile are white. */
  readonly blank: Uint8Array;
  /** Threshold below which a pixel of the tile prints. */
  readonly limits: Uint8Array;
  /** Share of pixels with a smooth middle tone, 0…255: high in photographs, low in text on any ground. */
  readonly tone: Uint8Array;
  /** The same, of tones clearly darker than the tile's own light ground: 0 on grey paper, whatever its grey. */
  readonly shade: Uint8Array;
}

/** Pixels after which a tile that is hardly white is no longer taken for paper with ink on it. */
const MOST_INK = 2 * TILE;

/** Looks at every tile once. Cost: one pass over the pixels that are not white. */
export function surveyTiles(page: KernelPage): TileSurvey {
  const { columns, lines } = page;
  const { blank, tone, open } = page.survey(MOST_INK);
  const shade = tone.slice();
  const limits = new Uint8Array(columns * lines).fill(PAPER_THRESHOLD);
  const survey = { columns, lines, blank, limits, tone, shade };
  const levels = new TileLevels(page);
  const tints = new Map<number, Tint>();
  for (const entry of open) {
    const at = entry >> 1;
    const column = at % columns;
    levels.lookAt(column, (at - column) / columns, (entry & 1) === 1 ? 2 : 1);
    const paper = isPaper(levels);
    if (paper) tone[at] = shade[at] = Math.round((255 * levels.tinted) / levels.total);
    if (paper && levels.dark >= levels.total * INK_SHARE) continue;
    const ground = paper ? 255 : groundLevel(levels);
    if (!paper) {
      tone[at] = toneShare(levels, TONE_END);
      shade[at] = toneShare(levels, ground < LIGHT_TINT ? TONE_END : Math.min(TONE_END, ground - SHADE));
    }
    if (ground >= WHITE) limits[at] = paperLimit(levels);
    else tints.set(at, tintOf(levels, at, ground));
  }
  decideTints(survey, tints);
  return survey;
}

/** Half of it white and no tint. Most tiles of a letter are, and told by the kernel without a look at their levels. */
function isPaper({ white, tinted, total }: TileLevels): boolean {
  return white * 2 >= total && tinted <= total * TINT_SHARE;
}

/** Level from which a tone is taken for paper. */
const TONE_END = 217;

/** Levels below its ground from which a pixel is more than the paper's grain and slope. */
const SHADE = 32;

/** Share (0…255) of flat pixels with a middle tone below `end`. */
function toneShare(levels: TileLevels, end: number): number {
  return Math.round((255 * levels.countFlat(DARKEST_TINT, end)) / levels.total);
}

/** Share of a tile that a flat tint must cover to count as its ground; the strokes of pale letters cover less. */
const TINT_SHARE = 0.08;

/** How far ink must differ from its ground. */
const INK_CONTRAST = 40;

/** The ground of a tile: its tint where it has one, else the level of most pixels. */
function groundLevel(levels: TileLevels): number {
  const isTinted = levels.countFlat(DARKEST_TINT, WHITE) >= levels.total * TINT_SHARE;
  const tint = isTinted ? levels.flatPeak(DARKEST_TINT, WHITE) : 255;
  return tint < WHITE ? tint : levels.peak();
}

/** What a tinted tile says about its ground: how much ink is darker and lighter than it, and what that ink's level is. */
interface Tint {
  readonly at: number;
  readonly ground: number;
  readonly darker: number;
  readonly lighter: number;
  readonly darkInk: number;
  readonly lightInk: number;
}

/** Flat areas beside the tint (paper around a box, another tint) are no ink: only what is not flat counts. */
function tintOf(levels: TileLevels, at: number, ground: number): Tint {
  const ink = (from: number, to: number) => levels.count(from, to) - levels.countFlat(from, to);
  const dark = ground - INK_CONTRAST;
  const light = ground + INK_CONTRAST;
  const darker = ink(0, dark);
  return {
    at,
    ground,
    darker,
    lighter: ink(light, 256),
    darkInk: darker >= levels.count(0, dark) * EDGES ? levels.mean(0, dark) : 0,
    lightInk: levels.count(light, 256) > 0 ? levels.mean(light, 256) : 255,
  };
}

/** Share of the pixels of letters that are edges and not flat, at least; in a shadow hardly any are. */
const EDGES = 0.125;

/** Tints at and above this level always turn white, those below the other always black; between them their ink decides. */
const LIGHT_TINT = 150;
const DARK_TINT = 110;

/** Levels by which neighbouring tiles of one tint may differ. */
const SAME_TINT = 12;

/**
 * Decides for each group of neighbouring tiles of one tint whether it turns white under dark letters or black under
 * light ones: as a whole, so that a coloured band prints evenly wherever letters stand in it.
 */
function decideTints(survey: TileSurvey, tints: ReadonlyMap<number, Tint>): void {
  const open = new Map(tints);
  for (const first of tints.values()) {
    if (!open.delete(first.at)) continue;
    const group = [first];
    for (const tint of group) {
      for (const next of neighbourTiles(tint.at, survey)) {
        const other = open.get(next);
        if (other === undefined || Math.abs(other.ground - tint.ground) > SAME_TINT) continue;
        open.delete(next);
        group.push(other);
      }
    }
    const white = turnsWhite(group) || isShadow(group, tints, survey);
    for (const tint of group) survey.limits[tint.at] = Math.round(tintLimit(tint, white));
  }
}

function neighbourTiles(at: number, { columns }: TileSurvey): number[] {
  const column = at % columns;
  return [at - columns, at + columns, ...(column > 0 ? [at - 1] : []), ...(column + 1 < columns ? [at + 1] : [])];
}

function turnsWhite(group: readonly Tint[]): boolean {
  const mean = group.reduce((sum, { ground }) => sum + ground, 0) / group.length;
  if (mean >= LIGHT_TINT) return true;
  if (mean < DARK_TINT) return false;
  const votes = group.reduce((sum, { darker, lighter }) => sum + darker - lighter, 0);
  return votes === 0 ? mean >= 128 : votes > 0;
}

/** Tiles from the edge of a page in which a scanner's shadow is darkest: 8 mm. */
const EDGE = 2;

/** Levels by which a shadow brightens from one tile to the next, at most. */
const FADE = 48;

/** The shadow along the edge of a scan: middle tones on the outermost tiles, which fade into light ones. */
function isShadow(group: readonly Tint[], tints: ReadonlyMap<number, Tint>, survey: TileSurvey): boolean {
  const { columns, lines } = survey;
  const atEdge = ({ at }: Tint) => {
    const column = at % columns;
    const line = (at - column) / columns;
    return Math.min(column, columns - 1 - column, line, lines - 1 - line) < EDGE;
  };
  const fades = ({ at, ground }: Tint) =>
    ground >= DARK_TINT &&
    neighbourTiles(at, survey).some((next) => {
      const other = tints.get(next)?.ground ?? 0;
      return other >= LIGHT_TINT && other - ground <= FADE;
    });
  return group.every(atEdge) && group.some(fades);
}

function tintLimit({ ground, darkInk, lightInk }: Tint, white: boolean): number {
  return white ? darkInk + (ground - darkInk) * 0.62 : ground + (lightInk - ground) * 0.5;
}

/** Share of a tile that its darkest pixels must cover to count as ink. */
const INK_SHARE = 0.004;

/** The palest ink that is still taken for ink and not for a watermark. */
const PALEST = 190;

/** Pale text on white paper gets a threshold half-way between both. */
function paperLimit(levels: TileLevels): number {
  const darkest = levels.percentile(levels.total * INK_SHARE);
  if (darkest < PALE || darkest > PALEST) return PAPER_THRESHOLD;
  return Math.max(PAPER_THRESHOLD, Math.round(darkest + (255 - darkest) * 0.5));
}
