import { useState } from 'preact/hooks';
import type { Admin, TotpSecret } from '../../client/browser.ts';
import { useAct } from '../session.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Form, TextField } from './field.tsx';
import { FaultNotice, Notice } from './notice.tsx';
import { QrCode } from './qr-code.tsx';
import { Copied } from './secret.tsx';

/** A secret that waits for its first code: as a QR code and to type, and the field for the code. */
export function NewAuthenticator({
  offer,
  advice,
  confirm,
  onConfirmed,
  onClose,
}: {
  readonly offer: TotpSecret;
  /** Whose it is, and what follows. */
  readonly advice: string;
  readonly confirm: (admin: Admin, code: string) => Promise<void>;
  readonly onConfirmed: () => void;
  readonly onClose: () => void;
}) {
  const [code, setCode] = useState('');
  const act = useAct();
  const submit = async () => {
    if (await act.run((admin) => confirm(admin, code.replaceAll(/\s/g, '')))) onConfirmed();
    else setCode('');
  };
  return (
    <Dialog title="A new authenticator" onClose={onClose}>
      <Notice kind="warning" title="This is shown once.">
        {advice}
      </Notice>
      <QrCode text={offer.uri} label="QR code for the authenticator; the secret below it says the same" />
      <Copied label="Secret to type instead" text={offer.secret} />
      <Form label="First code" onSubmit={() => void submit()}>
        <TextField
          label="First code that it shows"
          hint="Until it was given, nothing changes."
          value={code}
          error={act.fault?.fields['/code']}
          onInput={setCode}
          inputMode="numeric"
          autocomplete="one-time-code"
          required
        />
        {act.fault?.fields['/code'] === undefined ? <FaultNotice fault={act.fault} /> : null}
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Use it from now on
          </Button>
          <Button onPress={onClose}>Leave it as it was</Button>
        </p>
      </Form>
    </Dialog>
  );
}
