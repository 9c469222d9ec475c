import { useEffect, useState } from 'preact/hooks';
import type { CoverForm } from '../../../client/browser.ts';
import {
  Button,
  Confirm,
  Dialog,
  Empty,
  FaultNotice,
  Form,
  Loading,
  Outcome,
  Panel,
  Table,
  TextField,
  Time,
} from '../../components/index.ts';
import { count, counted } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';

/** Cover forms of an account: PDFs whose fields the gateway fills. */
export function AccountCovers({ account: { id } }: AccountParts) {
  const covers = useLoad((admin) => admin.covers(id), [id]);
  const mayChange = useMay('admin', 'own');
  const mayLook = useMay('operator', 'own');
  const [shown, setShown] = useState<string | undefined>(undefined);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  return (
    <>
      <Panel title="Cover forms">
        <Loading from={covers}>
          {(items) => (
            <CoverTable
              covers={items}
              onShow={mayLook ? setShown : undefined}
              onRemove={mayChange ? setLeaving : undefined}
            />
          )}
        </Loading>
      </Panel>
      {mayChange ? (
        <AddCover
          account={id}
          onAdded={(name) => {
            covers.reload();
            setShown(name);
          }}
        />
      ) : null}
      {shown === undefined ? null : <Preview account={id} name={shown} onClose={() => setShown(undefined)} />}
      {leaving === undefined ? null : (
        <RemoveCover
          account={id}
          name={leaving}
          onDone={() => {
            setLeaving(undefined);
            covers.reload();
          }}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </>
  );
}

function CoverTable({
  covers,
  onShow,
  onRemove,
}: {
  readonly covers: readonly CoverForm[];
  /** Undefined: the role may not. */
  readonly onShow: ((name: string) => void) | undefined;
  readonly onRemove: ((name: string) => void) | undefined;
}) {
  return (
    <Table
      caption={counted(covers.length, 'form')}
      empty={
        <Empty title="No forms of its own">It may use the covers that come with the gateway: letter and form.</Empty>
      }
      rows={covers}
      rowKey={({ name }) => name}
      columns={[
        { heading: 'Form', cell: ({ name }) => <code>{name}</code> },
        { heading: 'Fields', cell: ({ fields }) => fields.join(', ') },
        { heading: 'Pages', end: true, cell: ({ pages }) => count(pages) },
        { heading: 'Size', end: true, cell: ({ bytes }) => `${count(Math.ceil(bytes / 1024))} KiB`, wide: true },
        { heading: 'Added', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
        {
          heading: 'Do',
          cell: ({ name }) => (
            <div class="actions">
              {onShow === undefined ? null : (
                <Button label={`Look at ${name}`} onPress={() => onShow(name)}>
                  Look
                </Button>
              )}
              {onRemove === undefined ? null : (
                <Button kind="danger" label={`Remove ${name}`} onPress={() => onRemove(name)}>
                  Remove
                </Button>
              )}
            </div>
          ),
        },
      ]}
    />
  );
}

/** The first page of a form, filled with a sample. */
function Preview({
  account,
  name,
  onClose,
}: {
  readonly account: string;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const png = useLoad((admin) => admin.coverPreview(account, name), [account, name]);
  return (
    <Dialog title={`Cover ${name}`} onClose={onClose}>
      <Loading from={png}>{(bytes) => <Picture bytes={bytes} name={name} />}</Loading>
      <p class="actions">
        <Button onPress={onClose}>Close</Button>
      </p>
    </Dialog>
  );
}

/** A PNG from memory. */
function Picture({ bytes, name }: { readonly bytes: Uint8Array; readonly name: string }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes.slice().buffer], { type: 'image/png' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return address === '' ? null : (
    <img class="cover" src={address} alt={`First page of ${name}, filled with a sample`} />
  );
}

function RemoveCover({
  account,
  name,
  onDone,
  onClose,
}: {
  readonly account: string;
  readonly name: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const act = useAct();
  const remove = async () => {
    if (await act.run((admin) => admin.removeCover(account, name))) onDone();
  };
  return (
    <Confirm
      title={`Remove ${name}`}
      verb="Remove"
      danger
      busy={act.busy}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <FaultNotice fault={act.fault} />
      <p>Faxes that were accepted with it keep it; later ones cannot name it any more.</p>
    </Confirm>
  );
}

/** The gateway takes no larger form. Octets. */
const LARGEST = 2 * 1024 * 1024;

function AddCover({ account, onAdded }: { readonly account: string; readonly onAdded: (name: string) => void }) {
  const [name, setName] = useState('');
  const [file, setFile] = useState<File | undefined>(undefined);
  const act = useAct();
  const tooLarge = file !== undefined && file.size > LARGEST;
  const submit = async () => {
    if (file === undefined || tooLarge) return;
    const done = await act.run(async (admin) => {
      const { fields } = await admin.addCover(account, name, new Uint8Array(await file.arrayBuffer()));
      return `${name} is there. Fields that it fills: ${fields.join(', ')}.`;
    });
    if (done) onAdded(name);
  };
  return (
    <Panel title="Add a form">
      <Form label="Add a form" inline onSubmit={() => void submit()}>
        <TextField
          label="Name"
          hint="1 to 40 of a–z, 0–9 and hyphen."
          value={name}
          error={act.fault?.fields['/name']}
          onInput={(text) => setName(text.trim().toLowerCase())}
          mono
          required
        />
        <div class="field">
          <label for="cover-file">PDF with text fields</label>
          <input
            id="cover-file"
            type="file"
            accept="application/pdf"
            required
            aria-describedby="cover-file-told"
            onChange={({ currentTarget }) => setFile(currentTarget.files?.[0])}
          />
          <p id="cover-file-told" class={tooLarge ? 'field-error' : 'hint'}>
            At most 2 MiB.
          </p>
        </div>
        <Button type="submit" busy={act.busy} disabled={tooLarge}>
          Add
        </Button>
      </Form>
      <Outcome act={act} />
    </Panel>
  );
}
