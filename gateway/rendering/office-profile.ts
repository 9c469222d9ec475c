import type { RenderOptions } from '../ports/renderer.ts';

/** Locales whose paper is the one asked for; LibreOffice takes the page of documents that name none from them. */
const LOCALES: Readonly<Record<RenderOptions['paper'], string>> = { a4: 'en-GB', letter: 'en-US' };

/** Path, name and value of each setting: no macro runs, and no link to another file is followed. */
function settings(paper: RenderOptions['paper']): readonly (readonly [string, string, string])[] {
  return [
    ['/org.openoffice.Setup/L10N', 'ooSetupSystemLocale', LOCALES[paper]],
    ['/org.openoffice.Office.Common/Security/Scripting', 'DisableMacrosExecution', 'true'],
    ['/org.openoffice.Office.Common/Security/Scripting', 'MacroSecurityLevel', '3'],
    ['/org.openoffice.Office.Writer/Content/Update', 'Link', '0'],
  ];
}

/** The text of registrymodifications.xcu for a conversion. */
export function officeProfile(paper: RenderOptions['paper']): string {
  const items = settings(paper).map(
    ([path, name, value]) =>
      `<item oor:path="${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`,
  );
  const spaces = 'xmlns:oor="http://openoffice.org/2001/registry"';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<oor:items ${spaces}>\n${items.join('\n')}\n</oor:items>\n`;
}
