const WHOLE = new Intl.NumberFormat('en');
const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  ...{ year: 'numeric', month: 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** `12,345`; an en dash when there is none. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : WHOLE.format(value);
}

/** `97.5%` of a share from 0 to 1; an en dash when there is none. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : SHARE.format(value);
}

/** `1 fax`, `2 faxes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${WHOLE.format(value)} ${value === 1 ? one : many}`;
}

/** Money in millionths of a currency: `€1.25`, with as many digits as it needs. */
export function money(millionths: number | null | undefined, currency: string): string {
  if (millionths === null || millionths === undefined) return '–';
  const style = { style: 'currency', currency, maximumFractionDigits: 4 } as const;
  return new Intl.NumberFormat('en', style).format(millionths / 1_000_000);
}

/** `850 ms`, `12.4 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h` of milliseconds. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const pad = (value: number) => String(value).padStart(2, '0');

/** `2026-11-22` on this machine's calendar. */
export function day(at: Date): string {
  return DAY.format(at);
}

/** `22 Nov 2026, 07:30:00` in this machine's zone. */
export function moment(at: Date): string {
  return MOMENT.format(at);
}

/** `fax.delivered`, `no_answer` and the like as words: `no answer`. */
export function words(code: string): string {
  return code.replaceAll(/[_.]/g, ' ');
}
