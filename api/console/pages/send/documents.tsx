import { useId, useState } from 'preact/hooks';
import { Button } from '../../components/index.ts';
import { count, counted } from '../../format.ts';
import { moved } from '../../send-form.ts';

/** What the gateway makes pages of. */
const TYPES = '.pdf,.tif,.tiff,.png,.jpg,.jpeg,.webp,.txt,.docx,.odt,.xlsx,.ods,.pptx,.odp,.rtf';

/** The documents of a fax in their order: chosen, or dropped here. */
export function Documents({
  documents,
  wrong,
  onChange,
}: {
  readonly documents: readonly File[];
  /** What is wrong with single ones, by JSON pointer: `/document/0`. */
  readonly wrong: Readonly<Record<string, string>>;
  readonly onChange: (documents: readonly File[]) => void;
}) {
  const id = useId();
  const [over, setOver] = useState(false);
  const add = (files: FileList | null | undefined) => onChange([...documents, ...(files ?? [])]);
  // Dropping is one way more: the field inside does the same with the keyboard.
  const dropping = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      add(event.dataTransfer?.files);
    },
  };
  return (
    <div class={over ? 'drop over' : 'drop'} {...dropping}>
      <div class="field">
        <label for={id}>Choose documents, or drop them here</label>
        <input
          id={id}
          type="file"
          multiple
          accept={TYPES}
          aria-describedby={`${id}-hint`}
          onChange={({ currentTarget }) => {
            add(currentTarget.files);
            // The same file can be chosen again after it was taken away.
            currentTarget.value = '';
          }}
        />
        <p class="hint" id={`${id}-hint`}>
          PDF, TIFF, pictures, plain text; office documents where the gateway converts them.
        </p>
      </div>
      <p class="unseen" role="status">
        {counted(documents.length, 'document')}
      </p>
      {documents.length === 0 ? null : (
        <ol class="documents" aria-label="Documents in their order">
          {documents.map((file, index) => (
            <li key={`${file.name} ${file.size} ${file.lastModified} ${index}`}>
              <span class="long">
                {file.name} <span class="quiet">({count(Math.ceil(file.size / 1024))} KiB)</span>
              </span>
              {wrong[`/document/${index}`] === undefined ? null : (
                <p class="field-error">{wrong[`/document/${index}`]}</p>
              )}
              <span class="actions">
                <Button
                  label={`Move ${file.name} up`}
                  disabled={index === 0}
                  onPress={() => onChange(moved(documents, index, -1))}
                >
                  ↑
                </Button>
                <Button
                  label={`Move ${file.name} down`}
                  disabled={index === documents.length - 1}
                  onPress={() => onChange(moved(documents, index, 1))}
                >
                  ↓
                </Button>
                <Button label={`Leave out ${file.name}`} onPress={() => onChange(documents.toSpliced(index, 1))}>
                  Leave out
                </Button>
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
