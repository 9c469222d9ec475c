import { useState } from 'preact/hooks';
import { type Act, useAct } from '../session.tsx';
import { Button } from './button.tsx';
import { Dialog, type DialogParts } from './dialog.tsx';
import { Form, TextField } from './field.tsx';
import { FaultNotice } from './notice.tsx';

/** Longer reasons are refused by the gateway. */
const LONGEST = 200;

/** Asks why before something is stopped or opened: the reason stands in the audit log and beside what was stopped. */
export function AskReason({
  title,
  children,
  verb,
  job,
  onDone,
  onClose,
}: DialogParts & {
  /** What the button says: `Pause`. */
  readonly verb: string;
  readonly job: (reason: string) => Parameters<Act['run']>[0];
  /** It was done. */
  readonly onDone: () => void;
}) {
  const [reason, setReason] = useState('');
  const act = useAct();
  const submit = async () => {
    if (reason.trim() !== '' && (await act.run(job(reason.trim())))) onDone();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <FaultNotice fault={act.fault} />
      <Form label={title} onSubmit={() => void submit()}>
        <TextField
          label="Reason"
          hint="For the administrators who come after you: it stands in the audit log."
          value={reason}
          onInput={(text) => setReason(text.slice(0, LONGEST))}
          required
        />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            {verb}
          </Button>
          <Button onPress={onClose}>Leave it as it is</Button>
        </p>
      </Form>
    </Dialog>
  );
}
