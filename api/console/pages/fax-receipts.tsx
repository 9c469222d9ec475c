import { type Admin, type AdminFax, ApiProblem, type Receipt } from '../../client/browser.ts';
import { Button, Facts, Loading, Panel } from '../components/index.ts';
import { giveFile } from '../download.ts';
import { count } from '../format.ts';
import { useLoad } from '../session.tsx';

/** The proof that a fax is gone; null as long as there is none. */
async function receiptOf(admin: Admin, id: string): Promise<Receipt | null> {
  try {
    return await admin.faxes.receipt(id);
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'receipt_not_found') return null;
    throw error;
  }
}

/** Both wipe receipts of a fax, to be kept and verified anywhere. */
export function FaxReceipts({ fax: { id, imageExists } }: { readonly fax: AdminFax }) {
  const receipt = useLoad((admin) => receiptOf(admin, id), [id, imageExists]);
  return (
    <Panel title="Proof of erasure">
      <Loading from={receipt}>
        {(found) =>
          found === null ? (
            <p class="quiet">There is none yet: it is made when the pages are erased.</p>
          ) : (
            <Receipts of={found} />
          )
        }
      </Loading>
    </Panel>
  );
}

function Receipts({ of: { fax, receipt, epoch, epochReceipt, carrierReceipts } }: { readonly of: Receipt }) {
  const files = [
    ['The key of the fax was destroyed', `${fax}.jws`, receipt],
    ...(epochReceipt === null ? [] : [['The key above it was destroyed', `${fax}-epoch.jws`, epochReceipt] as const]),
    ...carrierReceipts.map((jws, at) => [`A carrier erased its copy`, `${fax}-carrier-${at + 1}.jws`, jws] as const),
  ] as const;
  return (
    <>
      <p class="quiet">
        Signed by the gateway, for whoever has to prove it. <code>sealfax verify receipt FILE</code> checks one
        off-line.
      </p>
      <Facts
        of={[
          ...files.map(
            ([title, name, jws]) =>
              [
                title,
                <Button label={`Save ${name}`} onPress={() => giveFile(name, 'application/jose', [bytesOf(jws)])}>
                  Save
                </Button>,
              ] as const,
          ),
          ['Key epoch', count(epoch)] as const,
          ...(epochReceipt === null ? [['Key above it', 'goes with the end of its epoch'] as const] : []),
        ]}
      />
    </>
  );
}

const bytesOf = (text: string) => new TextEncoder().encode(`${text}\n`);
