import { useState } from 'preact/hooks';
import type { AdminFax, PageInfo } from '../../client/browser.ts';
import { Button, Loading, Notice, Outcome, Panel, Time } from '../components/index.ts';
import { PageImage } from '../components/page-image.tsx';
import { count, counted } from '../format.ts';
import { may, useAct, useLoad, useSession } from '../session.tsx';

/** Of a fax that waits to be looked at: its pages, what may be hard to read on them, and the button that lets it go. */
export function FaxReview({ fax, onChanged }: { readonly fax: AdminFax; readonly onChanged: () => void }) {
  const { me } = useSession();
  if (fax.reviewUntil === null) return null;
  if (!may(me, 'operator')) return <Notice title="It waits until an operator has looked at its pages." />;
  return (
    <Panel title="Look at it before it goes">
      {fax.state === 'held' ? (
        <Review fax={fax} onChanged={onChanged} />
      ) : (
        <p role="status">Its pages are being made…</p>
      )}
    </Panel>
  );
}

function Review({ fax, onChanged }: { readonly fax: AdminFax; readonly onChanged: () => void }) {
  const pages = useLoad((admin) => admin.faxes.pages(fax.id), [fax.id]);
  const act = useAct();
  const release = async () => {
    const done = await act.run(async (admin) => {
      await admin.faxes.release(fax.id);
      return 'It is on its way.';
    });
    if (done) onChanged();
  };
  return (
    <>
      <p>
        This is what the receiver’s machine will print, point by point. Nobody has been called yet; what is not released
        until <Time at={fax.reviewUntil} /> is canceled and erased.
      </p>
      <Loading from={pages}>
        {(items) => (
          <>
            <Legibility pages={items} />
            <p class="actions">
              <Button kind="main" busy={act.busy} onPress={() => void release()}>
                {`Send ${counted(items.length, 'page')} to ${fax.to}`}
              </Button>
            </p>
            <Outcome act={act} />
            <PageViewer fax={fax.id} pages={items} />
          </>
        )}
      </Loading>
    </>
  );
}

/** Everything that is worth knowing about the pages, together. */
function Legibility({ pages }: { readonly pages: readonly PageInfo[] }) {
  const noticed = pages.filter(({ warnings }) => warnings.length > 0);
  if (noticed.length === 0)
    return <Notice kind="good" title="Nothing was found on the pages that would be hard to read." />;
  return (
    <Notice kind="warning" title={`${counted(noticed.length, 'page')} may be hard to read.`}>
      <ul class="met">
        {noticed.map(({ number, warnings }) => (
          <li key={number}>
            Page {count(number)}: {warnings.join('; ')}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** What is wider than the screen scrolls with the keyboard too (WCAG 2.1.1). */
const scrolling = (name: string) => ({ role: 'group', tabIndex: 0, 'aria-label': name }) as const;

/** One page at a time, point for point or as wide as there is room for. */
function PageViewer({ fax, pages }: { readonly fax: string; readonly pages: readonly PageInfo[] }) {
  const [shown, setShown] = useState(1);
  const [exact, setExact] = useState(false);
  const image = useLoad((admin) => admin.faxes.preview(fax, shown), [fax, shown]);
  const page = pages.find(({ number }) => number === shown);
  if (page === undefined) return null;
  const name = `Page ${count(shown)} of ${count(pages.length)}`;
  return (
    <section class="viewer" aria-label="The pages">
      <div class="actions">
        <Button disabled={shown <= 1} onPress={() => setShown(shown - 1)}>
          Page before
        </Button>
        <strong role="status">{name}</strong>
        <Button disabled={shown >= pages.length} onPress={() => setShown(shown + 1)}>
          Page after
        </Button>
        <Button onPress={() => setExact(!exact)}>{exact ? 'Fit to the width' : 'Point for point'}</Button>
        <span class="quiet">
          {count(page.width)} × {count(page.rows)} points at {page.xDpi} × {page.yDpi} dpi
        </span>
      </div>
      <div class={exact ? 'sheet exact' : 'sheet'} {...scrolling(name)}>
        <Loading from={image}>{(png) => <PageImage png={png} name={`${name} of the fax, as it is sent`} />}</Loading>
      </div>
    </section>
  );
}
