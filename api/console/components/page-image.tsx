import { useEffect, useState } from 'preact/hooks';

/** A page as a picture. It lives in the memory of this page, and goes with the component. */
export function PageImage({ png, name }: { readonly png: Uint8Array; readonly name: string }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([png.slice().buffer], { type: 'image/png' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return address === '' ? null : <img class="page-image" src={address} alt={name} />;
}
