const NAMES = new Intl.DisplayNames('en', { type: 'region' });

/** `France (FR)` of a country; a code that no country has for itself (`+870`) stays as it is. */
export function placeName(place: string): string {
  return /^[A-Z]{2}$/.test(place) ? `${NAMES.of(place) ?? place} (${place})` : place;
}
