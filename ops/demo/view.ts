/** Where the demo tells what happens. */
export interface DemoView {
  /** One thing that has happened, under a short title. */
  line(title: string, text: string): void;
  /** Something that is going on; replaced by the next `doing` or `line` on a terminal, left out elsewhere. */
  doing(title: string, text: string): void;
  /** A heading, and below it for each entry a label with its lines. */
  list(title: string, entries: readonly ListEntry[]): void;
  end(): void;
}

/** What stands under one label. */
export interface ListEntry {
  readonly label: string;
  readonly lines: readonly string[];
}

/** Says nothing: with `--json` standard output belongs to the result. */
export const silentView: DemoView = { line() {}, doing() {}, list() {}, end() {} };

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TITLE_WIDTH = 10;
const LABEL_WIDTH = 9;

/** Lines for people: with colour and a moving last line on a terminal, plain otherwise. */
export function textView(out: NodeJS.WriteStream, colour: boolean): DemoView {
  const terminal = out.isTTY === true;
  const paint = (code: number, text: string) => (colour && terminal ? `\u001b[${code}m${text}\u001b[0m` : text);
  let current: { readonly title: string; readonly text: string; readonly since: number } | undefined;
  let frame = 0;
  const clear = () => {
    if (terminal && current !== undefined) out.write('\r\u001b[2K');
  };
  const draw = () => {
    if (current === undefined) return;
    frame += 1;
    const spin = SPINNER[frame % SPINNER.length] ?? '';
    const seconds = Math.floor((performance.now() - current.since) / 1_000);
    const room = Math.max(20, (out.columns ?? 80) - TITLE_WIDTH - 5);
    out.write(
      `\r\u001b[2K${paint(36, spin)} ${paint(1, current.title.padEnd(TITLE_WIDTH))} ${`${current.text} · ${seconds} s`.slice(0, room)}`,
    );
  };
  const timer = terminal ? setInterval(draw, 100) : undefined;
  timer?.unref();
  return {
    line(title, text) {
      clear();
      current = undefined;
      out.write(`${paint(32, '✓')} ${paint(1, title.padEnd(TITLE_WIDTH))} ${text}\n`);
    },
    doing(title, text) {
      current = { title, text, since: performance.now() };
      if (terminal) draw();
    },
    list(title, entries) {
      clear();
      current = undefined;
      out.write(`\n${paint(1, title)}\n`);
      for (const { label, lines } of entries) {
        lines.forEach((line, index) => {
          out.write(`  ${paint(2, (index === 0 ? label : '').padEnd(LABEL_WIDTH))} ${line}\n`);
        });
      }
    },
    end() {
      clear();
      if (timer !== undefined) clearInterval(timer);
    },
  };
}

const BAR = 20;

/** `████████░░░░`: how much of `total` is done. */
export function bar(done: number, total: number): string {
  const full = total === 0 ? 0 : Math.round((BAR * Math.min(done, total)) / total);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

/** `1.4 s`, `2 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
