import { useState } from 'preact/hooks';
import type { AdminFax, PageInfo } from '../../client/browser.ts';
import { Button, Dialog, Empty, Loading, Panel, Table } from '../components/index.ts';
import { PageImage } from '../components/page-image.tsx';
import { count, words } from '../format.ts';
import { may, useLoad, useSession } from '../session.tsx';

/** The pages of a fax and what is noticed about them; the pages themselves while they exist, for operators. */
export function FaxPages({ fax }: { readonly fax: AdminFax }) {
  const { me } = useSession();
  if (!may(me, 'operator')) return null;
  return (
    <Panel title="Pages">
      <PagesOf fax={fax} />
    </Panel>
  );
}

function PagesOf({ fax: { id, imageExists, sealedKey, pages: known, state } }: { readonly fax: AdminFax }) {
  const made = state !== 'accepted' && state !== 'rendering';
  const pages = useLoad((admin) => admin.faxes.pages(id), [id, known, made]);
  const [shown, setShown] = useState<number | undefined>(undefined);
  const readable = imageExists && sealedKey === null;
  return (
    <Loading from={pages}>
      {(items) => (
        <>
          <p class="quiet">{whatIsThere(imageExists, sealedKey)}</p>
          <Table
            caption="Pages of the fax"
            quiet
            rows={items}
            rowKey={({ number }) => String(number)}
            empty={<Empty title={imageExists ? 'No pages yet' : 'No pages any more'} />}
            columns={[
              { heading: 'Page', cell: ({ number }) => count(number) },
              { heading: 'Size', cell: sizeOf, wide: true },
              { heading: 'Data', end: true, cell: ({ bytes }) => `${count(bytes)} bytes`, wide: true },
              { heading: 'Worth knowing', cell: ({ warnings }) => warnings.map(words).join(', ') || '–' },
              ...(readable
                ? [
                    {
                      heading: 'Look',
                      cell: ({ number }: PageInfo) => (
                        <Button label={`Show page ${number}`} onPress={() => setShown(number)}>
                          Show
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
          />
          {shown === undefined ? null : <PageDialog fax={id} page={shown} onClose={() => setShown(undefined)} />}
        </>
      )}
    </Loading>
  );
}

function whatIsThere(imageExists: boolean, sealedKey: string | null): string {
  if (!imageExists) return 'The pages are erased; nobody can show them any more.';
  if (sealedKey !== null) return 'The pages are sealed to the key of the account; nobody here can open them.';
  return 'What is on a page is the customer’s. Whoever looks at one stands in the audit log.';
}

const sizeOf = ({ width, rows, xDpi, yDpi }: PageInfo) => `${count(width)} × ${count(rows)} at ${xDpi} × ${yDpi} dpi`;

/** A page exactly as it goes over the line; it lives in the memory of this page until the dialog is closed. */
function PageDialog({
  fax,
  page,
  onClose,
}: {
  readonly fax: string;
  readonly page: number;
  readonly onClose: () => void;
}) {
  const image = useLoad((admin) => admin.faxes.preview(fax, page), [fax, page]);
  return (
    <Dialog title={`Page ${page}`} onClose={onClose}>
      <Loading from={image}>{(png) => <PageImage png={png} name={`Page ${page} of the fax, as it is sent`} />}</Loading>
      <p class="actions">
        <Button onPress={onClose}>Close</Button>
      </p>
    </Dialog>
  );
}
