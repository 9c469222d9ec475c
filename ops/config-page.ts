import { writeFileSync } from 'node:fs';
import { configPage } from './config.ts';

writeFileSync(new URL('../CONFIG.md', import.meta.url), configPage());
