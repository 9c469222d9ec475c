import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

/** A secret that the gateway has told once and will not tell again. It goes with the dialog. */
export function ShownOnce({
  title,
  secrets,
  advice,
  children,
  onClose,
}: {
  readonly title: string;
  /** Label and secret; most have one. */
  readonly secrets: readonly (readonly [label: string, secret: string])[];
  /** What to do with it. */
  readonly advice: string;
  /** Between the secrets and the button. */
  readonly children?: ComponentChildren;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <Notice kind="warning" title="This is shown once.">
        {advice}
      </Notice>
      {secrets.map(([label, secret]) => (
        <Copied key={label} label={label} text={secret} />
      ))}
      {children}
      <p class="actions">
        <Button kind="main" onPress={onClose}>
          I have kept it
        </Button>
      </p>
    </Dialog>
  );
}

/** A text with a button that copies it; where the browser keeps the clipboard to itself, it is selected instead. */
export function Copied({
  label,
  text,
  hidden,
}: {
  readonly label: string;
  readonly text: string;
  /** It stands on the page already, in another form. */
  readonly hidden?: boolean;
}) {
  const place = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      if (place.current !== null) getSelection()?.selectAllChildren(place.current);
      setSaid('Selected: copy it with the keyboard.');
    }
  };
  return (
    <div class="field">
      <span class="quiet">{label}</span>
      <code ref={place} class={hidden === true ? 'unseen' : 'hint'}>
        {text}
      </code>
      <p class="actions">
        <Button onPress={() => void copy()} label={`Copy ${label}`}>
          Copy
        </Button>
        <span role="status">{said}</span>
      </p>
    </div>
  );
}
