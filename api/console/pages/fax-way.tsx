import type { AdminFax, CallInfo } from '../../client/browser.ts';
import { Panel } from '../components/index.ts';
import { count, counted } from '../format.ts';

/** Pages that are shown one by one; of longer faxes there is a bar alone. */
const MOST_SHOWN = 60;

/** How far one page is. */
type Step = 'confirmed' | 'on its way' | 'waits';

/** A sent fax page by page, while it is on its way and after it. */
export function FaxWay({ fax, calls }: { readonly fax: AdminFax; readonly calls: readonly CallInfo[] }) {
  const { direction, pages, pagesConfirmed, reviewUntil } = fax;
  if (direction === 'inbound' || pages === null || pages === 0 || reviewUntil !== null) return null;
  const live = calls.find(({ state }) => state !== 'ended');
  const running = live !== undefined && live.pageStarted > pagesConfirmed ? live.pageStarted : 0;
  return (
    <Panel title="Page by page">
      <p role="status">
        {count(pagesConfirmed)} of {counted(pages, 'page')} confirmed by the far machine
        {running === 0 ? '.' : `, page ${count(running)} is on its way.`}
      </p>
      <progress class="whole" max={pages} value={Math.min(pages, pagesConfirmed)} aria-label="Pages confirmed" />
      {pages > MOST_SHOWN ? null : (
        <ol class="sheets">
          {Array.from({ length: pages }, (_, index) => index + 1).map((number) => (
            <Sheet
              key={number}
              number={number}
              step={number <= pagesConfirmed ? 'confirmed' : number === running ? 'on its way' : 'waits'}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const SIGNS: Readonly<Record<Step, string>> = { confirmed: '✓', 'on its way': '●', waits: '' };

function Sheet({ number, step }: { readonly number: number; readonly step: Step }) {
  return (
    <li class={step.replaceAll(' ', '-')}>
      <span class="unseen">Page </span>
      {count(number)}
      <span class="unseen">, {step}</span>
      <span aria-hidden="true">{SIGNS[step]}</span>
    </li>
  );
}
